import { describe, expect, it } from 'vitest';
import type { ShardAssessment } from '../../src/assess/index.js';
import { decide, decideApart, type Policy } from '../../src/decide/index.js';
import type { CountedItems } from '../../src/decide/items.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, baselineOf, Rows } from './batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const baseline = baselineOf(new Rows('trusted').many(600));

function batchOf(shards: number) {
  const rows = new Rows('batch');
  return Array.from({ length: shards }, (_, shard) => {
    const drawn = rows.many(30, (row) => (shard === 3 && row % 3 === 0 ? rows.flipped() : rows.sound()));
    return assessmentOf(`shard-${shard}.csv`, drawn, baseline);
  });
}

/** Decides, and counts how often this thread could do something else meanwhile. */
async function decideListening(shards: number) {
  let turns = 0;
  const listening = setInterval(() => turns++, 1);
  const decided = await decidedApart(batchOf(shards));
  clearInterval(listening);
  return { decided, turns };
}

async function decidedApart(
  assessments: readonly ShardAssessment[],
  others = assessments,
  ...ending: readonly (readonly CountedItems[])[]
) {
  const deciding = decideApart(assessments, baseline, POLICY, false);
  try {
    return await deciding.end(others, 'monday', ...ending);
  } finally {
    await deciding.stop();
  }
}

describe('a decision apart', () => {
  it.each([
    ['few', 5],
    ['many', 120],
  ])('is the same as one made at once, with %s shards', async (_, shards) => {
    const { decided } = await decideListening(shards);
    expect(decided).toEqual(decide(batchOf(shards), baseline, POLICY, 'monday'));
  });

  it.each([
    ['few', 5],
    ['many', 120],
  ])('of what is left of it is that on what is left, with %s shards', async (_, shards) => {
    const all = batchOf(shards);
    const left = all.filter(({ path }) => path !== 'shard-3.csv');
    expect(await decidedApart(all, left)).toEqual(decide(left, baseline, POLICY, 'monday'));
  });

  it('fails where its thread does, whenever that is', async () => {
    const broken = batchOf(120).map((one) => ({ ...one, tallies: [{}] }) as unknown as ShardAssessment);
    await expect(decidedApart(broken)).rejects.toThrow();
    const counted = [{ kind: 'duplicate-flood' }] as unknown as CountedItems[];
    await expect(decidedApart(batchOf(120), undefined, counted)).rejects.toThrow();
  });

  it('ends before it was asked for', async () => {
    const deciding = decideApart(batchOf(120), baseline, POLICY, false);
    await deciding.stop();
  });

  it('lets this thread hear signals where it takes long', async () => {
    expect((await decideListening(120)).turns).toBeGreaterThan(10);
  });
});
