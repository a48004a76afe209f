import { describe, expect, it } from 'vitest';
import { fitByPart, hearByPart } from '../../../src/detect/trees/boosted-trees.js';
import type { ForestRows } from '../../../src/detect/trees/forest.js';
import { type Matrix, normals, seededRandom, toProbabilities } from '../../../src/linear/index.js';
import { auroc } from '../auroc.js';

const COLS = 4;

/** Classes by the edges of two columns, one of which matters on one side of the other only; the other columns say nothing. */
function rowsOf(count: number, seed: string, classes = 3): ForestRows {
  const random = seededRandom(seed);
  const data = normals(random, count * COLS);
  const classAt = (first: number, second: number) => (first > 0 ? 0 : second > 0 ? 1 : classes - 1);
  const labels = Int32Array.from({ length: count }, (_, row) => classAt(data[row * COLS]!, data[row * COLS + 1]!));
  const digests = Float64Array.from({ length: count }, () => Math.floor(random() * 2 ** 52));
  return { features: { rows: count, cols: COLS, data }, cols: COLS, labels, classes, digests };
}

const heardOf = (rows: ForestRows) => hearByPart(fitByPart(rows)!, rows.features, rows.digests);
const rowIn = ({ data, cols }: Matrix, row: number) => [...data.subarray(row * cols, (row + 1) * cols)];

describe('boosted trees', () => {
  it.each([2, 3])('learn edges of %d classes, and say so of rows they have not seen', (classes) => {
    const others = rowsOf(400, 'others', classes);
    const heard = hearByPart(fitByPart(rowsOf(800, 'fit', classes))!, others.features, others.digests);
    for (let label = 0; label < classes; label++) {
      const lead = Array.from({ length: 400 }, (_, row) => {
        const own = rowIn(heard, row);
        return own[label]! - Math.max(...own.filter((_, other) => other !== label));
      });
      expect(auroc(lead, (row) => others.labels[row] === label)).toBeGreaterThan(0.98);
    }
  });

  it('say how probable a class is: of labels that are chance, the share', () => {
    const rows = rowsOf(2000, 'chance', 2);
    const random = seededRandom('labels');
    const labels = rows.labels.map(() => (random() < 0.2 ? 1 : 0));
    const { data } = toProbabilities(heardOf({ ...rows, labels }));
    const ofOne = labels.reduce((sum, _, row) => sum + data[2 * row + 1]!, 0) / labels.length;
    expect(ofOne).toBeCloseTo(0.2, 1);
  });

  it('say of a row and its copies what they would say had they another label', () => {
    const rows = rowsOf(240, 'twins');
    const copyAt = 120;
    for (let row = 0; row < copyAt; row++) {
      rows.features.data.copyWithin((row + copyAt) * COLS, row * COLS, (row + 1) * COLS);
      rows.digests[row + copyAt] = rows.digests[row]!;
    }
    const labels = rows.labels.slice();
    labels[3] = labels[3 + copyAt] = (labels[3]! + 1) % 3;
    expect(rowIn(heardOf({ ...rows, labels }), 3)).toEqual(rowIn(heardOf(rows), 3));
  });

  it('learn nothing of rows without a label, and nothing where all rows are alike', () => {
    const rows = rowsOf(300, 'unlabelled');
    const labels = rows.labels.map((label, row) => (row < 200 ? label : -1));
    expect(heardOf({ ...rows, labels }).data.every(Number.isFinite)).toBe(true);
    rows.features.data.fill(1);
    const fitted = fitByPart(rows)!;
    const alike = hearByPart(fitted, rows.features, rows.digests);
    const folds = fitted.starts.length / 3;
    expect(new Set(Array.from({ length: 300 }, (_, row) => rowIn(alike, row).join())).size).toBeLessThanOrEqual(folds);
  });

  it('are not fitted where that would take too long', () => {
    const rows = rowsOf(300, 'wide');
    expect(fitByPart({ ...rows, classes: 300 })).toBeNull();
    expect(fitByPart({ ...rows, features: { rows: 600_000, cols: COLS, data: new Float32Array(0) } })).toBeNull();
  });
});
