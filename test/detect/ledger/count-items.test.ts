import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countItems, type ItemCounts } from '../../../src/detect/index.js';

interface MadeRow {
  readonly signatures: readonly number[];
  readonly label: number;
}

const PER_ROW = 3;

function carrying(rows: readonly MadeRow[]) {
  const values = Float64Array.from(rows.flatMap(({ signatures }) => signatures));
  return {
    signatures: { perRow: PER_ROW, values },
    labels: Int32Array.from(rows, ({ label }) => label),
    detectors: [],
  };
}

/** Shards by path. */
function count(shards: Readonly<Record<string, readonly MadeRow[]>>, trusted: readonly MadeRow[]): Promise<ItemCounts> {
  const readable = Object.entries(shards).map(([path, rows]) => ({ path, read: async () => carrying(rows) }));
  return countItems(readable, carrying(trusted), 0.002);
}

/** A row that no other is like. */
function loner(number: number): MadeRow {
  return { signatures: [3, 4, 5].map((salt) => number * 1000 + salt), label: 0 };
}

function loners(count: number, from = 0): MadeRow[] {
  return Array.from({ length: count }, (_, number) => loner(from + number));
}

/** Near copies: each misses one of the three signatures. */
function nearCopies(count: number, label = 1): MadeRow[] {
  return Array.from({ length: count }, (_, number) => ({
    signatures: [71, 72, 73].map((signature, at) => (number % PER_ROW === at ? 5e8 + number : signature)),
    label,
  }));
}

describe('counted items', () => {
  it('are signatures that mostly the same rows carry, with their carriers', async () => {
    const { items, rows, trustedRows } = await count(
      { 'b.csv': [...loners(60), ...nearCopies(9)], 'a.csv': [...loners(50, 100), ...nearCopies(6, 2)] },
      [...loners(80, 200), ...nearCopies(3, 0)],
    );
    expect([rows, trustedRows]).toEqual([125, 83]);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ signatures: [71, 72, 73], rows: 15, trustedRows: 3 });
    expect(items[0]?.first).toEqual({ shard: 'a.csv', row: 50 });
    expect([...items[0]!.shards].map(([path, carriers]) => [path, carriers.rows])).toEqual([
      ['a.csv', 6],
      ['b.csv', 9],
    ]);
    expect([...items[0]!.labels].sort()).toEqual([
      [1, 9],
      [2, 6],
    ]);
  });

  it('leave alone what few rows have in common', async () => {
    const { items } = await count({ a: [...loners(100), ...nearCopies(4)] }, loners(100, 200));
    expect(items).toEqual([]);
  });

  it('know how many copies the trusted rows have by nature', async () => {
    const twice = loners(50);
    const { usualCopies, mostTrustedCopies } = await count({ a: loners(100, 200) }, [...twice, ...twice]);
    expect([usualCopies, mostTrustedCopies]).toEqual([2, 2]);
  });

  it('find nothing without trusted rows to compare with', async () => {
    expect((await count({ a: nearCopies(50) }, [])).items).toEqual([]);
  });

  it('do not depend on the order of shards, nor on that of rows but for the first carrier', async () => {
    const anyRow = fc.record({
      signatures: fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)).map((small) => small.map((s, at) => s + 100 * at)),
      label: fc.nat(2),
    });
    const anyRows = fc.array(anyRow, { minLength: 10, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(anyRows, anyRows, anyRows, async (a, b, trusted) => {
        const counts = await count({ a, b }, trusted);
        expect(await count({ b, a }, trusted)).toEqual(counts);
        const sizes = ({ items }: ItemCounts) => items.map((item) => [item.signatures, item.rows, item.trustedRows]);
        const turned = await count({ a: [...b].reverse(), b: [...a].reverse() }, [...trusted].reverse());
        expect(sizes(turned)).toEqual(sizes(counts));
      }),
      { numRuns: 60 },
    );
  });
});
