import { mkdirSync, writeFileSync } from 'node:fs';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import { beforeEach, describe, expect, it } from 'vitest';
import { addRecord, findArrival, readRecords, recordJudgement, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { enforce, type Review, recordReview } from '../../src/enforce/index.js';
import { gateRequest, passGate, verdictToFollow } from '../../src/gate/index.js';
import { fileStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { keyPair, trust, trusted } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const { own: key, open } = keyPair();
const [FIRST, SECOND] = ['d'.repeat(64), 'e'.repeat(64)];
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
const FILES = { 'bad.csv': 'a,b\n1,2\n3,4\n5,6\n', 'good.csv': 'sound' };
let batches = 0;
let batch: string;
let dataset: Dataset;

beforeEach(() => {
  batch = `batch-${++batches}`;
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, at(name)]);
  mkdirSync(at(), { recursive: true });
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: Object.fromEntries(roots) } }));
  dataset = loadConfig(at('config.json')).datasets.get('d') as Dataset;
});

interface Judging {
  readonly decision?: string;
  /** Of the three rows of bad.csv: which are to be withheld. */
  readonly withheld?: readonly boolean[];
  /** Beside those of the batch. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Judges the batch, again where it is by another decision: bad.csv is held. */
async function judge({ decision = FIRST, withheld = [false, true, false], more = {} }: Judging = {}): Promise<void> {
  const files = { ...FILES, ...more };
  for (const [path, content] of Object.entries(files)) {
    await fileStore.create(dataset.incoming, `${batch}/${path}`, Buffer.from(content));
  }
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
  const marks = tableToIPC(tableFromJSON(withheld.map((withhold) => ({ shard: 'bad.csv', withhold }))), 'file');
  await fileStore.create(`${dataset.vault}/batches/${batch}/decisions/${decision}`, 'rows.arrow', marks);
  const records = await readRecords(fileStore, dataset.vault, batch);
  const plan = sha256Of(decision);
  if (records.length > 0)
    await addRecord(fileStore, dataset.vault, batch, records.length, { kind: 'rescan', plan, at: 'now' });
  const shards = Object.entries(files)
    .sort()
    .map(([path, content]) => ({ path, sha256: sha256Of(content), released: path !== 'bad.csv' }));
  const judged = { kind: 'judged', plan, decision, mode: 'enforce', rests: RESTS, shards } as const;
  await recordJudgement(fileStore, dataset.vault, batch, { ...judged, marks: sha256Of(marks) }, async () => {});
  await enforced();
}

const enforced = (store: ObjectStore = fileStore) => enforce(store, dataset, batch, key);

async function review(action: Review['action'], decision = FIRST): Promise<void> {
  const said = { reviewer: 'ann', reason: 'seen', at: 'now' };
  await recordReview(fileStore, dataset, batch, { action, decision, shards: ['bad.csv'], ...said });
}

async function reviewed(action: Review['action'], decision = FIRST) {
  await review(action, decision);
  return (await enforced()).shards.find(({ path }) => path === 'bad.csv')?.standing;
}

/** Paths of what the gate lets training read. */
async function passed(): Promise<string[]> {
  const folder = `${dataset.released}/${batch}`;
  const found = await verdictToFollow(fileStore, folder, undefined);
  const question = { batch: folder, status: undefined, isInPlace: false, dataset: 'd', now: Date.now() };
  const verifiers = [trusted(open, { datasets: ['*'] })];
  const request = await gateRequest(fileStore, found, { ...question, trust: trust({ verifiers }) });
  const outcome = await passGate(fileStore, request);
  expect(outcome.problems).toEqual([]);
  return outcome.passed.map(({ path }) => path).sort();
}

async function rests(): Promise<string[]> {
  const there = await fileStore.list(`${dataset.released}/${batch}`);
  return there.map(({ path }) => path).filter((path) => path.includes('.clean.'));
}

describe('what was released of a shard without some rows', () => {
  it('is called by its digest, and passes the gate', async () => {
    await judge();
    expect(await reviewed('release-without-rows')).toBe('cleaned');
    const [rest = ''] = await rests();
    const sha256 = sha256Of(await fileStore.read(`${dataset.released}/${batch}/${rest}`));
    expect(rest).toBe(`bad.csv.clean.${sha256}.parquet`);
    expect(await passed()).toEqual([rest, 'good.csv']);
  });

  it('passes no gate once a rescan has withdrawn it, and keeps nothing else from passing', async () => {
    await judge();
    await reviewed('release-without-rows');
    await judge({ decision: SECOND });
    expect(await passed()).toEqual(['good.csv']);
    // What verdicts say next knows of it as well.
    await reviewed('reject', SECOND);
    expect(await passed()).toEqual(['good.csv']);
  });

  it('is followed by another where a rescan withholds other rows', async () => {
    await judge();
    await reviewed('release-without-rows');
    const [first = ''] = await rests();
    await judge({ decision: SECOND, withheld: [true, true, false] });
    expect(await reviewed('release-without-rows', SECOND)).toBe('cleaned');
    const [second = ''] = (await rests()).filter((path) => path !== first);
    expect(await passed()).toEqual([second, 'good.csv'].sort());
  });

  it('is the same again where a rescan withholds the same rows', async () => {
    await judge();
    await reviewed('release-without-rows');
    await judge({ decision: SECOND });
    await reviewed('release-without-rows', SECOND);
    expect(await passed()).toEqual([...(await rests()), 'good.csv']);
    expect(await rests()).toHaveLength(1);
  });

  it('passes no gate once it is reopened; then the whole shard can be released', async () => {
    await judge();
    await reviewed('release-without-rows');
    expect(await reviewed('reopen')).toBe('held');
    expect(await passed()).toEqual(['good.csv']);
    expect(await reviewed('release')).toBe('released');
    expect(await passed()).toEqual(['bad.csv', 'good.csv']);
  });

  it('is known as well where a worker was killed before a verdict released it', async () => {
    await judge();
    await review('release-without-rows');
    const create: ObjectStore['create'] = async (root, path, content) => {
      if (path.includes('verdict')) throw new Error('killed');
      return fileStore.create(root, path, content);
    };
    await expect(enforced({ ...fileStore, create })).rejects.toThrow('killed');
    expect(await rests()).toHaveLength(1);
    await judge({ decision: SECOND });
    expect(await passed()).toEqual(['good.csv']);
  });

  it('is known by the name that earlier versions gave it', async () => {
    await judge();
    await reviewed('release-without-rows');
    await fileStore.create(`${dataset.released}/${batch}`, 'bad.csv.clean.parquet', Buffer.from('the rest'));
    await judge({ decision: SECOND });
    expect(await passed()).toEqual(['good.csv']);
  });

  it('is found among many names of a sender that begin like its own', async () => {
    const names = Array.from({ length: 101 }, (_, number) => `bad.csv.clean.${String(number).padStart(3, '0')}.csv`);
    const more = Object.fromEntries(names.map((name) => [name, name]));
    await judge({ more });
    await reviewed('release-without-rows');
    await judge({ decision: SECOND, more });
    expect(await passed()).toEqual([...names, 'good.csv'].sort());
  });
});

describe('a sender who has called a sound shard as the rest of another', () => {
  it('as earlier versions called it, keeps neither from being released', async () => {
    const more = { 'bad.csv.clean.parquet': 'of the sender' };
    await judge({ more });
    expect(await reviewed('release-without-rows')).toBe('cleaned');
    expect(await passed()).toEqual([...(await rests()), 'good.csv'].sort());
    await judge({ decision: SECOND, more });
    expect(await passed()).toEqual(['bad.csv.clean.parquet', 'good.csv']);
  });

  it('has foreseen even its digest: the batch is settled all the same, without the rest', async () => {
    await judge();
    await reviewed('release-without-rows');
    const [rest = ''] = await rests();
    batch = `batch-${++batches}`;
    await judge({ more: { [rest]: 'of the sender' } });
    expect(await reviewed('release-without-rows')).toBe('changed');
    expect(await passed()).toEqual([rest, 'good.csv'].sort());
    const text = await fileStore.read(`${dataset.released}/${batch}/${rest}`);
    expect(Buffer.from(text).toString()).toBe('of the sender');
  });
});
