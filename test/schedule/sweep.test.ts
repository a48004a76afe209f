import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { addRecord, parseRecord, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { dueNotice, keepTold } from '../../src/enforce/index.js';
import type { JobQueue } from '../../src/queue/index.js';
import { reconcile, setPause, sweepIncoming, sweptNotes } from '../../src/schedule/index.js';
import type { SweptNote } from '../../src/schema/index.js';
import { anyStore, type ObjectStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { counted, settle } from './settled-batches.js';

const at = temporaryFolder();
const BATCHES = Array.from({ length: 12 }, (_, number) => `batch-${number}`);
let s3: RunningS3;

beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket('kept');
  await s3.createBucket('plain', false);
  Object.assign(process.env, s3.variables);
}, S3_START_MS);
afterAll(async () => {
  for (const name of Object.keys(s3?.variables ?? {})) delete process.env[name];
  await s3?.stop();
});

function datasetIn(root: string): Dataset {
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, `${root}/${name}`]);
  writeFileSync(
    at('config.json'),
    JSON.stringify({ datasets: { d: { ...Object.fromEntries(roots), quietSeconds: 0 } } }),
  );
  return loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

/** What a worker that has just started queues in one sweep. */
async function sweep(store: ObjectStore, dataset: Dataset): Promise<string[]> {
  const queued: string[] = [];
  const addBatch = async ({ batch }: { batch: string }) => queued.push(batch) > 0;
  const around = { store, queue: { addBatch } as unknown as JobQueue, config: { backend: 'wasm' } as const };
  const swept = sweptNotes(store, dataset.vault);
  await sweepIncoming(around, dataset, swept);
  await reconcile(around, dataset, { isRetried: false, forgets: true, swept });
  return [...new Set(queued)].sort();
}

/** Its calls but those that list. */
async function opened(dataset: Dataset): Promise<readonly (readonly [string, number])[]> {
  const { store, calls } = counted(anyStore);
  expect(await sweep(store, dataset)).toEqual([]);
  expect(calls.get('list')).toBe(1);
  return [...calls].filter(([name]) => name !== 'list' && name !== 'folderStates');
}

describe.each(['folders', 's3://kept', 's3://plain'])('a sweep over settled batches in %s', (root) => {
  let dataset: Dataset;

  beforeAll(async () => {
    dataset = datasetIn(root === 'folders' ? at('files') : root);
    const plan = await storePlan(anyStore, dataset, 'wasm');
    for (const batch of BATCHES) await settle(anyStore, dataset, batch, plan);
  });

  it('opens none of them again once a sweep of any worker has found them settled', async () => {
    expect(await sweep(anyStore, dataset)).toEqual([]);
    expect(await opened(dataset)).toEqual([]);
    for (const { uri } of await anyStore.list(`${dataset.vault}/swept`)) {
      const note = parseRecord<SweptNote>(await anyStore.read(uri), uri, 'swept');
      expect(BATCHES).toContain(note.batch ?? note.incoming);
    }
  });

  it('takes what is added to one of them, or replaced, for another batch', async () => {
    await anyStore.create(dataset.incoming, 'batch-3/late.csv', Buffer.from('row\nlate\n'));
    const [first] = await anyStore.list(`${dataset.incoming}/batch-5`);
    await anyStore.remove(first?.uri ?? '', first?.version);
    await anyStore.create(dataset.incoming, 'batch-5/a.csv', Buffer.from('row\nquite another\n'));
    expect(await sweep(anyStore, dataset)).toEqual(['batch-3~2', 'batch-5~2']);
    // They are not settled, so they are asked for each time; the folders that they came in are done with.
    expect(await sweep(anyStore, dataset)).toEqual(['batch-3~2', 'batch-5~2']);
    for (const batch of ['batch-3~2', 'batch-5~2']) {
      const settled = { kind: 'settled', verdict: 'verdict.json', changed: [] } as const;
      await addRecord(anyStore, dataset.vault, batch, 0, settled);
    }
    expect(await sweep(anyStore, dataset)).toEqual([]);
    expect(await opened(dataset)).toEqual([]);
  });

  it('sees a review of a settled batch that got no further than its record', async () => {
    const said = { reviewer: 'ann', reason: 'seen', at: 'now', decision: 'd'.repeat(64), shards: ['a.csv'] };
    await addRecord(anyStore, dataset.vault, 'batch-7', 2, { kind: 'reviewed', action: 'reject', ...said });
    expect(await sweep(anyStore, dataset)).toEqual(['batch-7']);
    await addRecord(anyStore, dataset.vault, 'batch-7', 3, {
      kind: 'settled',
      verdict: '_verdict-2.json',
      changed: [],
    });
    expect(await sweep(anyStore, dataset)).toEqual([]);
    expect(await opened(dataset)).toEqual([]);
  });
});

it('rests as soon as the dataset is paused, in the middle of a sweep', async () => {
  const dataset = datasetIn(at('paused'));
  for (const name of ['a', 'b', 'c']) await anyStore.create(dataset.incoming, `${name}/a.csv`, Buffer.from('row\n1\n'));
  const pausing: ObjectStore = {
    ...anyStore,
    folderStates: async function* (root) {
      for await (const folder of anyStore.folderStates(root)) {
        if (folder.name === 'b') await setPause(anyStore, dataset, { kind: 'paused', by: 'ann', why: null, at: 'now' });
        yield folder;
      }
    },
  };
  expect(await sweep(pausing, dataset)).toEqual(['a']);
  expect(await sweep(anyStore, dataset)).toEqual([]);
  await setPause(anyStore, dataset, { kind: 'resumed', by: 'ann', why: null, at: 'now' });
  expect(await sweep(anyStore, dataset)).toEqual(['a', 'b', 'c']);
});

it('leaves what could not be assessed to reconcile, until it is rejected', async () => {
  const dataset = datasetIn(at('unassessed'));
  const plan = await storePlan(anyStore, dataset, 'wasm');
  await settle(anyStore, dataset, 'monday', plan, { unassessed: true });
  const queued: string[] = [];
  const addBatch = async ({ batch }: { batch: string }) => queued.push(batch) > 0;
  const queue = { addBatch, failedBatches: async () => [] } as unknown as JobQueue;
  const around = { store: anyStore, queue, config: { backend: 'wasm' } as const };
  const reconciled = (given: Dataset) =>
    reconcile(around, given, { isRetried: true, forgets: false, swept: sweptNotes(anyStore, dataset.vault) });
  expect(await sweep(anyStore, dataset)).toEqual([]);
  expect(await opened(dataset)).toEqual([]);
  // By another plan it is to be judged only where a rescan asks for it.
  const other = { ...dataset, policy: { ...dataset.policy, tolerance: 0.1 } };
  expect(await reconciled(other)).toEqual([]);
  await settle(anyStore, dataset, 'rejected', plan, { unassessed: true });
  const said = { reviewer: 'ann', reason: 'seen', at: 'now', decision: 'd'.repeat(64), shards: ['a.csv'] };
  await addRecord(anyStore, dataset.vault, 'rejected', 2, { kind: 'reviewed', action: 'reject', ...said });
  await addRecord(anyStore, dataset.vault, 'rejected', 3, { kind: 'settled', verdict: '_verdict-2.json', changed: [] });
  expect(await reconciled(dataset)).toEqual([{ batch: 'monday', work: 'judgement' }]);
  expect(queued).toEqual(['monday']);
});

it('has told what is held of a batch as it was settled last, also by a recall, until that was taken', async () => {
  const dataset = { ...datasetIn(at('told')), notify: 'https://example.org/held' };
  await settle(anyStore, dataset, 'monday', await storePlan(anyStore, dataset, 'wasm'));
  const notices: [string, number][] = [];
  const addNotice = async ({ batch }: { batch: string }, settled: number) => notices.push([batch, settled]) > 0;
  const around = { store: anyStore, queue: { addNotice } as unknown as JobQueue, config: { backend: 'wasm' } as const };
  const swept = () => sweptNotes(anyStore, dataset.vault);
  const look = () => reconcile(around, dataset, { isRetried: false, forgets: true, swept: swept() });
  expect(await look()).toEqual([]);
  const said = {
    decision: 'd'.repeat(64),
    released: ['a.csv'],
    by: 'ann',
    reason: 'spoilt',
    at: '2026-01-01T00:00:00Z',
  };
  await addRecord(anyStore, dataset.vault, 'monday', 2, { kind: 'recalled', ...said });
  await addRecord(anyStore, dataset.vault, 'monday', 3, { kind: 'settled', verdict: '_verdict-2.json', changed: [] });
  for (let times = 0; times < 2; times++) expect(await look()).toEqual([{ batch: 'monday', work: 'notice' }]);
  expect(notices).toEqual(Array(2).fill(['monday', 4]));
  const due = await dueNotice(anyStore, dataset, 'monday');
  expect(due?.notice).toMatchObject({ held: [{ path: 'a.csv', standing: 'recalled' }], withdrawn: ['a.csv'] });
  await keepTold(anyStore, dataset.vault, due!);
  expect(await look()).toEqual([]);
});

it('goes on where a folder cannot be listed, and never takes that for done', async () => {
  const dataset = datasetIn(at('broken'));
  await settle(anyStore, dataset, 'sound', await storePlan(anyStore, dataset, 'wasm'));
  await sweep(anyStore, dataset);
  await anyStore.create(dataset.incoming, 'late/a.csv', Buffer.from('row\n1\n'));
  const failing: ObjectStore = {
    ...anyStore,
    folderStates: async function* (root) {
      if (root === dataset.incoming) yield { name: 'gone', state: undefined };
      yield* anyStore.folderStates(root);
    },
  };
  await expect(sweep(failing, dataset)).rejects.toMatchObject({ code: 'PATH_MISSING' });
  rmSync(at('broken/incoming/late'), { recursive: true });
  expect(await sweep(anyStore, dataset)).toEqual(['late']);
});
