import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTS, type Part, readPart, writeParts } from '../../src/assess/assessed-file.js';
import { packResult, unpackResult } from '../../src/assess/index.js';
import {
  addRecord,
  currentJudgement,
  findArrival,
  readRecords,
  readSeal,
  sealArrival,
  storePlan,
} from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { Transient } from '../../src/errors.js';
import type { AssessedJob, JobQueue } from '../../src/queue/index.js';
import { rescan } from '../../src/schedule/index.js';
import type { Decision, SealedShard } from '../../src/schema/index.js';
import { fileStore, type ObjectStore } from '../../src/store/index.js';
import { assessJob } from '../../workers/assess.js';
import { decideJob } from '../../workers/decide.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { trust } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { surroundingsIn } from './surroundings.js';

const at = temporaryFolder();
let around: Surroundings;
let dataset: Dataset;
let plan: string;

const assessedShards: { readonly dataset: string; readonly rows: number; readonly bytes: number }[] = [];
const spentOn = new Set<string>();
const meter = {
  onAssessed: (dataset: string, shard: { rows: number; bytes: number }) =>
    void assessedShards.push({ dataset, ...shard }),
  onHeld: () => {},
  onSpent: ({ part, seconds }: { part: string; seconds: number }) => void (seconds >= 0 && spentOn.add(part)),
};

beforeAll(async () => {
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await taster('baseline', 'build', at('trusted'), '--out', at('trusted.taster'), '--quiet');
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  const settings = { ...roots, baseline: 'trusted.taster', mode: 'enforce' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  mkdirSync(at('scratch'));
  const config = loadConfig(at('config.json'));
  around = { ...surroundingsIn(at('scratch'), { meter }), config };
  dataset = config.datasets.get('d') as Dataset;
  plan = await storePlan(fileStore, dataset, 'wasm');
});
afterAll(() => around.benches.stop());

/** Uploads and seals a batch of two shards, and assesses them. */
async function assessed(batch: string, by = plan): Promise<AssessedJob[]> {
  await writeFiles(at('in', batch), { 'a.csv': tabularCsv('a', 90), 'b.csv': tabularCsv('b', 90) });
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
  const seal = await readSeal(fileStore, dataset.vault, batch);
  const jobs = (seal?.shards ?? []).map((shard) => assessJob(around, { dataset: 'd', batch, plan: by, shard }));
  return Promise.all(jobs);
}

async function decided(batch: string, done: readonly AssessedJob[], failure?: string): Promise<Decision> {
  await decideJob(around, { dataset: 'd', batch, plan }, { done, failureOf: () => failure });
  const judgement = currentJudgement(await readRecords(fileStore, dataset.vault, batch));
  const path = at('vault/batches', batch, 'decisions', judgement?.decision ?? '', 'decision.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Decision;
}

const resultsIn = () =>
  readdirSync(at('vault/results'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

/** The same with results as those of shards whose rows are too large to be kept: some are read again. */
async function assessedLarge(batch: string): Promise<AssessedJob[]> {
  const done = await assessed(batch);
  for (const { parentPath, name } of resultsIn()) {
    const result = join(parentPath, name);
    const folder = mkdtempSync(at('unpacked-'));
    const assessment = await unpackResult(folder, 0, { store: fileStore, uri: result });
    const kept = async (part: Part) => [part, [(await readPart(folder, 0, part)) ?? Buffer.alloc(0)]];
    await writeParts(
      folder,
      0,
      Object.fromEntries(await Promise.all(PARTS.filter((part) => part !== 'oddest').map(kept))),
    );
    await packResult(folder, 0, assessment, async (bundle) => writeFileSync(result, bundle));
  }
  return done;
}

/** A store that fails to read what has arrived. */
function unreachable(): ObjectStore {
  const fail = (uri: string) => {
    if (uri.includes('/in/')) throw new Transient('READ_FAILED', { path: uri, detail: 'status 503' });
  };
  return {
    ...fileStore,
    read: async (uri) => fail(uri) ?? fileStore.read(uri),
    stream: async function* (uri) {
      fail(uri);
      yield* fileStore.stream(uri);
    },
  };
}

describe('assessing', () => {
  it('tells once for each shard what it took, and where the time went', async () => {
    const before = assessedShards.length;
    await assessed('measured');
    await assessed('measured');
    const bytes = readFileSync(at('in/measured/a.csv')).length;
    const told = assessedShards.slice(before);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ dataset: 'd', rows: 90, bytes });
    const parts = ['hash', 'parse', 'check', 'features', 'detect label-flip', 'detect outlier', 'sign', 'judge'];
    expect([...spentOn]).toEqual(expect.arrayContaining(parts));
  });
});

describe('deciding', () => {
  it('rests on results that are made once for the same shard, path, batch and plan', async () => {
    const done = await assessed('once');
    expect(done).toEqual(
      ['a.csv', 'b.csv'].map((path) => ({ path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), unread: null })),
    );
    const made = resultsIn().length;
    expect(await assessed('once')).toEqual(done);
    expect(resultsIn()).toHaveLength(made);
    expect((await decided('once', done)).released).toBe(true);
  });

  it('happens once for a plan', async () => {
    const done = await assessed('twice');
    const decisions = await Promise.all([decided('twice', done), decided('twice', done), decided('twice', [])]);
    expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(1);
    expect(await readRecords(fileStore, dataset.vault, 'twice')).toHaveLength(1);
  });

  it.each(['policy', 'contract'] as const)('follows no plan whose %s is not the one that was signed', async (kind) => {
    const own = { ...dataset, trust: trust({ requireApproval: { [kind]: { signatures: 1 } } }) };
    const other = {
      policy: { policy: { ...dataset.policy, mode: 'observe' as const } },
      contract: {
        baseline: null,
        contract: { version: 1 as const, columns: [{ name: 'x', type: 'Float64' as const, role: 'feature' as const }] },
      },
    };
    const batch = `signed ${kind}`;
    const done = await assessed(batch, await storePlan(fileStore, own, 'wasm'));
    const decide = async (planned: Dataset) => {
      const config = { ...around.config, datasets: new Map([['d', own]]) };
      const job = { dataset: 'd', batch, plan: await storePlan(fileStore, planned, 'wasm') };
      await decideJob({ ...around, config }, job, { done, failureOf: () => undefined });
    };
    const refused = { code: 'PLAN_OF_OTHER_RULES', message: expect.stringContaining(kind) };
    await expect(decide({ ...own, ...other[kind] })).rejects.toMatchObject(refused);
    expect(await readRecords(fileStore, dataset.vault, batch)).toEqual([]);
    await decide(own);
    expect(await readRecords(fileStore, dataset.vault, batch)).toHaveLength(1);
  });

  it('goes back to a former plan only where the audit log names the rescan that asks for it', async () => {
    const batch = 'asked';
    const first = await assessed(batch);
    await decided(batch, first);
    const observed = { ...dataset, policy: { ...dataset.policy, mode: 'observe' as const } };
    const other = await storePlan(fileStore, observed, 'wasm');
    const queue = { addBatch: async () => true } as unknown as JobQueue;
    const scheduling = { store: fileStore, queue, config: { backend: 'wasm' } } as const;
    expect(await rescan(scheduling, observed, batch, other)).toBe(true);
    const again = { done: await assessed(batch, other), failureOf: () => undefined };
    await decideJob(around, { dataset: 'd', batch, plan: other }, again);
    const plans = async () => {
      const records = await readRecords(fileStore, dataset.vault, batch);
      return records.map((record) => `${record.kind} ${'plan' in record && record.plan === plan ? 'one' : 'other'}`);
    };
    const before = ['judged one', 'rescan other', 'judged other'];
    expect(await plans()).toEqual(before);
    await addRecord(fileStore, dataset.vault, batch, 3, { kind: 'rescan', plan, at: new Date().toISOString() });
    await expect(decided(batch, first)).rejects.toMatchObject({ code: 'RESCAN_UNASKED' });
    expect(await plans()).toEqual([...before, 'rescan one']);
    expect(await rescan(scheduling, dataset, batch, plan)).toBe(true);
    await decided(batch, first);
    expect(await plans()).toEqual([...before, 'rescan one', 'rescan one', 'judged one']);
  });

  it('follows no rescan that was slipped in while a decision took long', async () => {
    const batch = 'stalled';
    const done = await assessed(batch);
    const observed = { ...dataset, policy: { ...dataset.policy, mode: 'observe' as const } };
    const other = await storePlan(fileStore, observed, 'wasm');
    const job = { dataset: 'd', batch, plan };
    let isSlippedIn = false;
    const stalling: ObjectStore = {
      ...fileStore,
      create: async (root, path, content) => {
        // Between the decision and its record others decide, go on to another plan, and somebody has it all go back.
        if (!isSlippedIn && path.endsWith('/decision.json')) {
          isSlippedIn = true;
          await decided(batch, done);
          const queue = { addBatch: async () => true } as unknown as JobQueue;
          await rescan({ store: fileStore, queue, config: { backend: 'wasm' } }, observed, batch, other);
          const again = { done: await assessed(batch, other), failureOf: () => undefined };
          await decideJob(around, { ...job, plan: other }, again);
          await addRecord(fileStore, dataset.vault, batch, 3, { kind: 'rescan', plan, at: new Date().toISOString() });
        }
        return fileStore.create(root, path, content);
      },
    };
    const deciding = decideJob({ ...around, store: stalling }, job, { done, failureOf: () => undefined });
    await expect(deciding).rejects.toMatchObject({ code: 'RESCAN_UNASKED' });
    const records = await readRecords(fileStore, dataset.vault, batch);
    expect(records.map(({ kind }) => kind)).toEqual(['judged', 'rescan', 'judged', 'rescan']);
    expect(currentJudgement(records)?.plan).toBe(other);
  });

  it('holds a shard that could not be assessed, and says why', async () => {
    const done = await assessed('unjudged');
    const { shards, findings } = await decided('unjudged', done.slice(0, 1), 'the store does not answer');
    expect(shards.map(({ released }) => released)).toEqual([true, false]);
    expect(findings[0]).toMatchObject({ kind: 'integrity', subject: 'b.csv' });
    expect(findings[0]?.evidence.summary).toContain('it could not be assessed: the store does not answer');
  });

  it('tries again by the same plan what could not be assessed, once a rescan asks for it', async () => {
    const done = await assessed('again');
    await decided('again', done.slice(0, 1), 'the store does not answer');
    expect((await decided('again', done)).released).toBe(false);
    const added: (readonly SealedShard[])[] = [];
    const queue = { addBatch: async (_: unknown, shards: readonly SealedShard[]) => added.push(shards) > 0 };
    const ask = () => rescan({ ...around, queue: queue as unknown as JobQueue }, dataset, 'again', plan);
    expect(await ask()).toBe(true);
    expect(added.map((shards) => shards.map(({ path }) => path))).toEqual([['a.csv', 'b.csv']]);
    expect((await decided('again', done)).released).toBe(true);
    expect(await ask()).toBe(false);
    const records = await readRecords(fileStore, dataset.vault, 'again');
    expect(records.map(({ kind }) => kind)).toEqual(['judged', 'rescan', 'judged']);
  });

  it('reads no shard again whose oddest rows came with its result', async () => {
    const done = await assessed('read-once');
    const job = { dataset: 'd', batch: 'read-once', plan };
    await decideJob({ ...around, store: unreachable() }, job, { done, failureOf: () => undefined });
    expect((await decided('read-once', done)).released).toBe(true);
  });

  it('looks for no result of a shard that nobody can have assessed, and writes over none that is there', async () => {
    const [first] = await assessed('anew');
    const seal = await readSeal(fileStore, dataset.vault, 'anew');
    const before = resultsIn().map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('hex'));
    const asked: string[] = [];
    const store: ObjectStore = {
      ...fileStore,
      find: (...object) => fileStore.find(...object).finally(() => asked.push(object[1])),
    };
    const job = { dataset: 'd', batch: 'anew', plan, shard: seal!.shards[0]! };
    expect(await assessJob({ ...around, store }, { ...job, isNew: true })).toEqual(first);
    expect(asked).toEqual([]);
    expect(await assessJob({ ...around, store }, job)).toEqual(first);
    expect(asked).toHaveLength(1);
    const after = resultsIn().map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('hex'));
    expect(after).toEqual(before);
  });

  it('holds a shard that was taken away since it was assessed', async () => {
    const done = await assessedLarge('gone');
    rmSync(at('in/gone/b.csv'));
    const { shards, findings } = await decided('gone', done);
    expect(shards.map(({ released }) => released)).toEqual([true, false]);
    expect(findings[0]?.evidence.summary).toContain('it was replaced or taken away while it was judged');
  });

  it('does not take a shard for replaced because the store fails, and holds nothing for it', async () => {
    const done = await assessedLarge('unreachable');
    const job = { dataset: 'd', batch: 'unreachable', plan };
    const deciding = decideJob({ ...around, store: unreachable() }, job, { done, failureOf: () => undefined });
    await expect(deciding).rejects.toMatchObject({ code: 'READ_FAILED', message: expect.stringContaining('503') });
    expect(await readRecords(fileStore, dataset.vault, 'unreachable')).toEqual([]);
    expect((await decided('unreachable', done)).released).toBe(true);
  });
});
