import { renameSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { appendEntry } from '../../src/audit/index.js';
import { addRecord, batchFolder, below, readRecords } from '../../src/batch/index.js';
import { type Following, followBatches } from '../../src/checkup/index.js';
import type { Dataset } from '../../src/config/index.js';
import type { BatchRecord } from '../../src/schema/index.js';
import { fileStore, sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
const START = Date.parse('2026-01-01T00:00:00.000Z');
const later = (minutes: number) => new Date(START + minutes * 60_000);

let dataset: Dataset;
let following: Following;
let requests: number;
let vaults = 0;

beforeEach(() => {
  requests = 0;
  dataset = { name: 'd', vault: at(`vault-${vaults++}`), approvals: 1 } as Dataset;
  const find: typeof fileStore.find = (...place) => {
    requests++;
    return fileStore.find(...place);
  };
  following = followBatches({ ...fileStore, find }, dataset);
});

async function addNext(batch: string, record: BatchRecord): Promise<void> {
  const records = await readRecords(fileStore, dataset.vault, batch);
  await addRecord(fileStore, dataset.vault, batch, records.length, record);
}

/** A decision that holds one of two shards, as it is written down before it counts. */
async function decide(batch: string, minutes: number): Promise<string> {
  const shards = [true, false, false].map((released) => ({ verdict: 'release', released, path: 'any' }));
  const families = [{ family: batch, pValue: 0.5 }];
  const content = Buffer.from(
    JSON.stringify({ verdict: 'quarantine', mode: 'enforce', shards, findings: [], families }),
  );
  const decision = sha256Of(content);
  await fileStore.create(dataset.vault, `${batchFolder(batch)}/decisions/${decision}/decision.json`, content);
  await audit('decision', batch, { decision }, minutes);
  return decision;
}

async function judge(batch: string, decision: string): Promise<void> {
  const shards = [true, false].map((released, number) => ({ path: `${number}.csv`, sha256: 'a'.repeat(64), released }));
  await addNext(batch, { kind: 'judged', plan: 'e'.repeat(64), decision, mode: 'enforce', rests: RESTS, shards });
}

function audit(event: 'decision' | 'review', batch: string, facts: Record<string, string>, minutes: number) {
  const act = { event, dataset: 'd', batch: { name: batch, sha256: 'f'.repeat(64) }, by: null, facts };
  return appendEntry(fileStore, below(dataset.vault, 'audit'), act, later(minutes));
}

async function review(batch: string, decision: string, action: 'reject' | 'release', minutes: number): Promise<void> {
  await audit('review', batch, { decision, action }, minutes);
  const said = { decision, shards: ['1.csv'], reviewer: 'ann', reason: 'seen', at: later(minutes).toISOString() };
  await addNext(batch, { kind: 'reviewed', action, ...said });
}

async function allNew(): Promise<(string | number)[]> {
  const told: (string | number)[] = [];
  for (;;) {
    const events = await following.next();
    if (events.length === 0) return told;
    for (const event of events) {
      if (event.kind === 'review') told.push(event.action, event.secondsSinceDecision);
      else told.push(`${event.families[0]?.family}`);
      if (event.kind === 'decision') expect(event.shards.map(({ count }) => count)).toEqual([1, 2]);
    }
  }
}

describe('what follows a vault', () => {
  it('tells of each decision and review once, and how long the review came after', async () => {
    expect([await allNew(), await following.waiting()]).toEqual([[], { shards: 0, since: null }]);
    const first = await decide('first', 0);
    await judge('first', first);
    await judge('second', await decide('second', 5));
    expect(await allNew()).toEqual(['first', 'second']);
    expect(await following.waiting()).toEqual({ shards: 2, since: START });
    // A worker was killed between writing it down and going on.
    await audit('decision', 'first', { decision: first }, 6);
    await review('first', first, 'reject', 10);
    expect(await allNew()).toEqual(['reject', 600]);
    expect(await following.waiting()).toEqual({ shards: 1, since: later(5).getTime() });
  });

  it('sees what counts only after it was written down', async () => {
    const decision = await decide('slow', 0);
    expect(await allNew()).toEqual(['slow']);
    expect((await following.waiting()).shards).toBe(0);
    await judge('slow', decision);
    expect([await allNew(), await following.waiting()]).toEqual([[], { shards: 1, since: START }]);
  });

  it('reads a long log whole, and then asks for no more than what is new', async () => {
    const names = Array.from({ length: 40 }, (_, number) => `batch-${number}`);
    for (const [number, name] of names.entries()) await judge(name, await decide(name, number));
    expect(await allNew()).toEqual(names);
    await following.waiting();
    await following.waiting();
    requests = 0;
    expect([await allNew(), (await following.waiting()).shards]).toEqual([[], 40]);
    expect(requests).toBe(1);
  });

  it('loses nothing over what cannot be read for a while', async () => {
    const decision = await decide('away', 0);
    const path = `${dataset.vault}/${batchFolder('away')}/decisions/${decision}/decision.json`;
    renameSync(path, `${path}-away`);
    await expect(allNew()).rejects.toThrow('its decision.json is gone');
    renameSync(`${path}-away`, path);
    expect(await allNew()).toEqual(['away']);
  });
});
