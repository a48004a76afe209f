import { describe, expect, it } from 'vitest';
import { tellStory, type World } from '../../../bench/drip-simulation.js';

const SEEDS = 30;
const tolerance = 0.005;
const world: World = { sources: 8, rows: 450, noise: 0.05, tolerance, level: 0.01 / 6, batches: 120 };
const stories = (one: World) => Array.from({ length: SEEDS }, (_, seed) => tellStory(one, `test ${seed}`));

describe('over 120 batches of eight sources', () => {
  it.each<[string, World]>([
    ['alike', world],
    ['with offsets within the tolerance', { ...world, offset: (_, random) => tolerance * (random() - 0.5) }],
    ['with a drift that all share', { ...world, drift: (batch) => 0.04 * Math.sin(batch / 10) }],
  ])('%s, no source is condemned', (_, one) => {
    expect(stories(one).filter(({ falseAlarm }) => falseAlarm)).toEqual([]);
  });

  it('a source that poisons 2 % of its rows is condemned, and no other', () => {
    const told = stories({ ...world, poison: (source) => (source === 3 ? 0.02 : 0) });
    expect(told.filter(({ falseAlarm }) => falseAlarm)).toEqual([]);
    expect(told.filter(({ caught }) => caught !== undefined && caught <= 60).length).toBeGreaterThan(0.9 * SEEDS);
  });

  it('good batches do not hide what a source does after them', () => {
    const told = stories({ ...world, poison: (source, batch) => (source === 3 && batch > 30 ? 0.05 : 0) });
    expect(told.every(({ caught }) => caught !== undefined && caught > 30 && caught < 60)).toBe(true);
  });

  it('fresh names in every batch are condemned together', () => {
    const fresh = { sources: 60, rows: 60, freshFrom: 30, poison: (source: number) => (source >= 30 ? 0.03 : 0) };
    expect(stories({ ...world, ...fresh }).every(({ caught }) => caught !== undefined)).toBe(true);
  });

  it('sources that differ far beyond the tolerance are mostly told from one that stands out', () => {
    const uneven = { ...world, offset: (_: number, random: () => number) => 4 * tolerance * (random() - 0.5) };
    expect(stories(uneven).filter(({ falseAlarm }) => falseAlarm).length).toBeLessThan(0.3 * SEEDS);
  });
});
