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
    sourceOf: new Int32Array(rows.length),
    detectors: [],
  };
}

/** Shards by path. */
function count(shards: Readonly<Record<string, readonly MadeRow[]>>, trusted: readonly MadeRow[]): Promise<ItemCounts> {
  const readable = Object.entries(shards).map(([path, rows]) => ({
    path,
    rows: rows.length,
    sources: ['ann'],
    readSigned: async () => carrying(rows),
    read: async () => carrying(rows),
  }));
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
    expect([...items[0]!.shards].map(([path, carriers]) => [path, carriers])).toEqual([
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

  it('are those of the batch alone without trusted rows, with their sources', async () => {
    const { items, sourceRows } = await count({ a: [...loners(20), ...nearCopies(50)] }, []);
    expect(items.map(({ rows, trustedRows }) => [rows, trustedRows])).toEqual([[50, 0]]);
    expect([...items[0]!.sources]).toEqual([['ann', 50]]);
    expect([...sourceRows]).toEqual([['ann', 70]]);
  });

  it('come with the rows of small groups, and those whose copies contradict their labels', async () => {
    const times = (row: MadeRow, labels: readonly number[]) => labels.map((label) => ({ ...row, label }));
    const { copies } = await count(
      {
        b: [...times(loner(1), [0, 0, 1]), ...times(loner(2), [0, 1])],
        a: [...times(loner(3), [0, 0]), ...loners(50, 900)],
      },
      [...loners(60, 100), ...times(loner(3), [0, 1])],
    );
    expect(copies.repeated).toMatchObject({ rows: 5, trustedRows: 2 });
    expect([...copies.repeated.shards]).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
    expect(copies.contradicted).toMatchObject({ rows: 3, trustedRows: 1 });
    expect(copies.copied).toEqual({ rows: 7, trustedRows: 2 });
  });

  it('come with the rows whose trusted copies have other labels, and how often copies of one origin do', async () => {
    const times = (row: MadeRow, labels: readonly number[]) => labels.map((label) => ({ ...row, label }));
    const { copies } = await count(
      {
        a: [...times(loner(1), [1, 0]), ...times(loner(2), [0])],
        b: [...times(loner(3), [2, 2]), ...loners(50, 900)],
      },
      [...times(loner(1), [0]), ...times(loner(2), [0, 1, 1]), ...times(loner(3), [0, 2]), ...loners(60, 100)],
    );
    // Of the third row one trusted copy agrees, of the second one in three.
    expect(copies.belied).toMatchObject({ rows: 2, trustedRows: 3 });
    expect([...copies.belied.shards]).toEqual([['a', 2]]);
    expect(copies.belied.ofGroups).toMatchObject({ rows: 2, trustedRows: 3 });
    expect(copies.belied.vouched).toBe(5);
    expect(copies.belied.amongTrusted).toEqual({ rows: 5, belied: 1 + 2 * 0.5 + 2 });
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
