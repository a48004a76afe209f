import { describe, expect, it } from 'vitest';
import { decide, decideApart, type Policy } from '../../src/decide/index.js';
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
  const decided = await decideApart(batchOf(shards), baseline, POLICY, 'monday');
  clearInterval(listening);
  return { decided, turns };
}

describe('a decision apart', () => {
  it.each([
    ['few', 5],
    ['many', 120],
  ])('is the same as one made at once, with %s shards', async (_, shards) => {
    const { decided } = await decideListening(shards);
    expect(decided).toEqual(decide(batchOf(shards), baseline, POLICY, 'monday'));
  });

  it('lets this thread hear signals where it takes long', async () => {
    expect((await decideListening(120)).turns).toBeGreaterThan(10);
  });
});
