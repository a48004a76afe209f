import { describe, expect, it } from 'vitest';
import { areSorted } from '../../src/decide/sorted-shards.js';
import { seededRandom } from '../../src/linear/index.js';
import { mostRejections } from './bounds.js';

const CLASSES = 5;

type Row = readonly [given: number, called: number];

function callsOf(rows: readonly Row[]): Map<number, number> {
  const calls = new Map<number, number>();
  for (const [given, called] of rows)
    calls.set(given * CLASSES + called, (calls.get(given * CLASSES + called) ?? 0) + 1);
  return calls;
}

/** Class 0 is the rarest, in a row of 1,000. */
function drawRows(count: number, random: () => number): Row[] {
  return Array.from({ length: count }, () => {
    const called = random() < 0.001 ? 0 : 1 + Math.floor(random() ** 2 * (CLASSES - 1));
    return [random() < 0.8 ? called : Math.floor(random() * CLASSES), called] as const;
  });
}

const cut = (rows: readonly Row[], shards: number) =>
  Array.from({ length: shards }, (_, shard) =>
    callsOf(rows.slice((shard * rows.length) / shards, ((shard + 1) * rows.length) / shards)),
  );

describe('shards of a batch', () => {
  const random = seededRandom('shards');

  it.each([2, 12, 60])('that are random parts of it, %i of them, seldom look sorted', (shards) => {
    const runs = 400;
    const sorted = Array.from({ length: runs }, () =>
      areSorted(cut(drawRows(shards * 60, random), shards), CLASSES),
    ).filter(Boolean).length;
    // χ² of few degrees is skewed: beyond four deviations is at most one in 200.
    expect(sorted).toBeLessThanOrEqual(mostRejections(runs, 0.005));
  });

  it('look sorted where one kind of rows comes first', () => {
    const rows = drawRows(1200, random).sort(([, a], [, b]) => a - b);
    expect(areSorted(cut(rows, 12), CLASSES)).toBe(true);
  });

  it('look sorted where one shard of twelve has rows of its own', () => {
    const rows = drawRows(1200, random).map((row, at): Row => (at < 100 && at % 2 === 0 ? [4, 4] : row));
    expect(areSorted(cut(rows, 12), CLASSES)).toBe(true);
  });

  it('are not made so by what rows are labelled', () => {
    const rows = drawRows(1200, random);
    const flipped = rows.map(([given, called], at): Row => [at < 100 ? (given + 1) % CLASSES : given, called]);
    expect(areSorted(cut(flipped, 12), CLASSES)).toBe(areSorted(cut(rows, 12), CLASSES));
  });

  it('say nothing where there is but one, one class, or none', () => {
    const rows = drawRows(100, random);
    expect(areSorted([callsOf(rows)], CLASSES)).toBe(false);
    const alike = Array.from({ length: 100 }, (): Row => [1, 2]);
    expect(areSorted(cut(alike, 4), CLASSES)).toBe(false);
    expect(areSorted([], CLASSES)).toBe(false);
    expect(areSorted([new Map(), new Map()], 0)).toBe(false);
  });
});
