import { describe, expect, it } from 'vitest';
import {
  addRecord,
  currentJudgement,
  isEnforced,
  isSettled,
  pendingPlan,
  readRecords,
  recordJudgement,
} from '../../src/batch/index.js';
import type { BatchRecord, JudgedRecord } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)] as const;
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
const SETTLED: BatchRecord = { kind: 'settled', verdict: 'verdict.json', changed: [] };

const judgedBy = (plan: string): JudgedRecord => ({
  kind: 'judged',
  plan,
  decision: plan,
  mode: 'enforce',
  rests: RESTS,
  shards: [],
});
const rescanBy = (plan: string): BatchRecord => ({ kind: 'rescan', plan, at: '2026-01-01T00:00:00Z' });

async function written(batch: string, ...records: readonly BatchRecord[]) {
  for (const [number, record] of records.entries()) await addRecord(fileStore, at('vault'), batch, number, record);
  return {
    read: () => readRecords(fileStore, at('vault'), batch),
    judge: (plan: string) => recordJudgement(fileStore, at('vault'), batch, judgedBy(plan), async () => {}),
  };
}

describe('records of a batch', () => {
  it('leave something to do from a rescan until its judgement is enforced', async () => {
    const { read, judge } = await written('due', judgedBy(FIRST), SETTLED, rescanBy(SECOND), SETTLED);
    expect([pendingPlan(await read()), isEnforced(await read()), isSettled(await read())]).toEqual([
      SECOND,
      true,
      false,
    ]);
    await judge(SECOND);
    expect([pendingPlan(await read()), isEnforced(await read())]).toEqual([undefined, false]);
    expect(isSettled([...(await read()), SETTLED])).toBe(true);
  });

  it('take one judgement of a plan, and the known one again where a rescan asks for it', async () => {
    const { read, judge } = await written('back', judgedBy(FIRST), judgedBy(SECOND));
    await judge(FIRST);
    expect(currentJudgement(await read())?.plan).toBe(SECOND);
    await addRecord(fileStore, at('vault'), 'back', 2, rescanBy(FIRST));
    await Promise.all([judge(FIRST), judge(FIRST)]);
    expect((await read()).map(({ kind }) => kind)).toEqual(['judged', 'judged', 'rescan', 'judged']);
    expect(currentJudgement(await read())?.plan).toBe(FIRST);
  });

  it('take another judgement of a plan where shards could not be assessed for the last, and a rescan asks for it', async () => {
    const shards = [{ path: 'a.csv', sha256: null, unassessed: true as const, released: false }];
    const { read, judge } = await written('unassessed', { ...judgedBy(FIRST), shards }, SETTLED);
    await judge(FIRST);
    expect((await read()).map(({ kind }) => kind)).toEqual(['judged', 'settled']);
    await addRecord(fileStore, at('vault'), 'unassessed', 2, rescanBy(FIRST));
    await Promise.all([judge(FIRST), judge(FIRST)]);
    expect((await read()).map(({ kind }) => kind)).toEqual(['judged', 'settled', 'rescan', 'judged']);
    expect(currentJudgement(await read())).toEqual(judgedBy(FIRST));
  });

  it('take no judgement by another plan that nobody has asked for', async () => {
    const { read, judge } = await written('unasked', judgedBy(FIRST));
    await judge(SECOND);
    expect((await read()).map(({ kind }) => kind)).toEqual(['judged']);
  });

  it('take no judgement that a later rescan has made pointless', async () => {
    const { read, judge } = await written('late', judgedBy(FIRST), rescanBy(SECOND), rescanBy('d'.repeat(64)));
    await judge(SECOND);
    expect(currentJudgement(await read())?.plan).toBe(FIRST);
  });
});
