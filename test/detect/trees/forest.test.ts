import { describe, expect, it } from 'vitest';
import { type ForestRows, fitForest, voteOutOfBag } from '../../../src/detect/trees/forest.js';
import { type Matrix, normals, seededRandom } from '../../../src/linear/index.js';
import { auroc } from '../auroc.js';

const COLS = 4;

/** Three classes by the edges of two columns; the other columns say nothing. */
function rowsOf(count: number, seed: string): ForestRows {
  const random = seededRandom(seed);
  const data = normals(random, count * COLS);
  const labels = Int32Array.from({ length: count }, (_, row) =>
    data[row * COLS]! > 0 ? 0 : data[row * COLS + 1]! > 0 ? 1 : 2,
  );
  const digests = Float64Array.from({ length: count }, () => Math.floor(random() * 2 ** 52));
  return { features: { rows: count, cols: COLS, data }, cols: COLS, labels, classes: 3, digests };
}

const votesOf = (rows: ForestRows) => voteOutOfBag(fitForest(rows, 'seed'), rows.features, rows.digests);
const rowIn = ({ data, cols }: Matrix, row: number) => [...data.subarray(row * cols, (row + 1) * cols)];

describe('a forest', () => {
  it('learns edges, and says so of rows it has not seen', () => {
    const fitted = fitForest(rowsOf(600, 'fit'), 'seed');
    const others = rowsOf(300, 'others');
    const votes = voteOutOfBag(fitted, others.features, others.digests);
    for (let label = 0; label < 3; label++) {
      const own = Array.from({ length: 300 }, (_, row) => rowIn(votes, row)[label]!);
      expect(auroc(own, (row) => others.labels[row] === label)).toBeGreaterThan(0.98);
    }
  });

  it('gives probabilities', () => {
    const votes = votesOf(rowsOf(100, 'sum'));
    for (let row = 0; row < 100; row++) {
      expect(rowIn(votes, row).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  });

  it('says of a row what it would say had the row another label, whatever the label', () => {
    const rows = rowsOf(200, 'own');
    const labels = rows.labels.slice();
    labels[17] = (labels[17]! + 1) % 3;
    expect(rowIn(votesOf({ ...rows, labels }), 17)).toEqual(rowIn(votesOf(rows), 17));
  });

  it('lets no copy vouch for a row', () => {
    const rows = rowsOf(120, 'twins');
    const copyAt = 60;
    for (let row = 0; row < copyAt; row++) {
      rows.features.data.copyWithin((row + copyAt) * COLS, row * COLS, (row + 1) * COLS);
      rows.digests[row + copyAt] = rows.digests[row]!;
    }
    const labels = rows.labels.slice();
    labels[3] = labels[3 + copyAt] = (labels[3]! + 1) % 3;
    expect(rowIn(votesOf({ ...rows, labels }), 3)).toEqual(rowIn(votesOf(rows), 3));
  });

  it('judges a row outside the sample by as many trees as one within it', () => {
    const rows = rowsOf(400, 'outside');
    const half = { ...rows, labels: rows.labels.map((label, row) => (row < 200 ? label : -1)) };
    const votes = votesOf(half);
    const spread = (from: number) => {
      const own = Array.from({ length: 200 }, (_, row) => Math.max(...rowIn(votes, from + row)));
      return own.reduce((sum, share) => sum + share, 0) / own.length;
    };
    expect(Math.abs(spread(0) - spread(200))).toBeLessThan(0.03);
  });

  it('says nothing where all rows are alike', () => {
    const rows = rowsOf(50, 'alike');
    rows.features.data.fill(1);
    expect(votesOf(rows).data.every(Number.isFinite)).toBe(true);
  });
});
