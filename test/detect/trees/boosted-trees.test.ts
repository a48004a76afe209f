import { describe, expect, it } from 'vitest';
import { fitByPart, fitWhole, hearByPart, hearWhole } from '../../../src/detect/trees/boosted-trees.js';
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
    const heard = hearByPart(fitByPart(rowsOf(1200, 'fit', classes))!, others.features, others.digests);
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
    const rows = rowsOf(1200, 'twins');
    const copyAt = 600;
    for (let row = 0; row < copyAt; row++) {
      rows.features.data.copyWithin((row + copyAt) * COLS, row * COLS, (row + 1) * COLS);
      rows.digests[row + copyAt] = rows.digests[row]!;
    }
    const labels = rows.labels.slice();
    labels[3] = labels[3 + copyAt] = (labels[3]! + 1) % 3;
    expect(rowIn(heardOf({ ...rows, labels }), 3)).toEqual(rowIn(heardOf(rows), 3));
  });

  it('learn nothing of rows without a label', () => {
    const rows = rowsOf(1200, 'unlabelled');
    const labels = rows.labels.map((label, row) => (row < 900 ? label : -1));
    // The same values, so that the bins are the same, in other rows.
    const data = rows.features.data.slice();
    for (let row = 900; row < 1200; row++) {
      data.set(rows.features.data.subarray((2099 - row) * COLS, (2100 - row) * COLS), row * COLS);
    }
    const features = [rows.features, { ...rows.features, data }];
    const [one, other] = features.map((own) => hearWhole(fitWhole({ ...rows, features: own, labels })!, rows.features));
    expect(one).toEqual(other);
  });

  it('tell nothing apart where all rows are alike', () => {
    const rows = rowsOf(1200, 'alike');
    rows.features.data.fill(1);
    const fitted = fitByPart(rows)!;
    const alike = hearByPart(fitted, rows.features, rows.digests);
    const parts = fitted.starts.length / 3;
    expect(new Set(Array.from({ length: 1200 }, (_, row) => rowIn(alike, row).join())).size).toBeLessThanOrEqual(parts);
  });

  it('stay as sure of sound rows beside a few wrong labels, whichever trees are asked', () => {
    const rows = rowsOf(4000, 'few wrong', 2);
    const labels = rows.labels.map((label, row) => (row % 400 === 0 ? 1 - label : label));
    const own = { ...rows, labels };
    const leadOf = (heard: Matrix) => {
      const leads = Array.from({ length: 4000 }, (_, row) => {
        const [zero, one] = rowIn(heard, row) as [number, number];
        return rows.labels[row] === 0 ? zero - one : one - zero;
      });
      return leads.reduce((sum, lead) => sum + lead, 0) / leads.length;
    };
    const byPart = leadOf(hearByPart(fitByPart(own)!, rows.features, rows.digests));
    const byAll = leadOf(hearWhole(fitWhole(own)!, rows.features));
    expect(byPart).toBeGreaterThan(3);
    expect(Math.abs(byAll - byPart)).toBeLessThan(0.5);
  });

  it('are the same whatever order rows come in', () => {
    const rows = rowsOf(1200, 'order');
    const order = Array.from({ length: 1200 }, (_, row) => (7 * row) % 1200);
    const data = new Float32Array(1200 * COLS);
    order.forEach((row, at) => {
      data.set(rows.features.data.subarray(row * COLS, (row + 1) * COLS), at * COLS);
    });
    const shuffled = {
      ...rows,
      features: { ...rows.features, data },
      labels: Int32Array.from(order, (row) => rows.labels[row]!),
      digests: Float64Array.from(order, (row) => rows.digests[row]!),
    };
    expect(fitWhole(shuffled)).toEqual(fitWhole(rows));
  });

  it('leave out classes that hardly any row has', () => {
    const rows = rowsOf(1200, 'typos', 2);
    const labels = rows.labels.map((label, row) => (row < 3 ? 2 + row : label));
    const fitted = fitByPart({ ...rows, labels, classes: 40 })!;
    expect([...fitted.corrected]).toEqual([0, 1]);
    expect(hearByPart(fitted, rows.features, rows.digests).data.every(Number.isFinite)).toBe(true);
  });

  it('are not fitted where that would take too long, or to few rows', () => {
    const rows = rowsOf(1200, 'wide');
    const ofMany = rows.labels.map((_, row) => row % 40);
    expect(fitByPart({ ...rows, labels: ofMany, classes: 40 })).toBeNull();
    const wide = { rows: 1200, cols: 3000, data: new Float32Array(1200 * 3000) };
    expect(fitByPart({ ...rows, features: wide, cols: 3000 })).toBeNull();
    expect(fitByPart(rowsOf(900, 'few'))).toBeNull();
  });

  it('of more rows than there is time for, are fitted on some', () => {
    const rows = rowsOf(3000, 'sampled', 2);
    const wide = { ...rows, features: { rows: 3000, cols: 1200, data: new Float32Array(3000 * 1200) }, cols: 1200 };
    for (let row = 0; row < 3000; row++) {
      wide.features.data.set(rows.features.data.subarray(row * COLS, (row + 1) * COLS), row * 1200);
    }
    const heard = hearByPart(fitByPart(wide)!, wide.features, rows.digests);
    const lead = Array.from({ length: 3000 }, (_, row) => rowIn(heard, row)[1]! - rowIn(heard, row)[0]!);
    expect(auroc(lead, (row) => rows.labels[row] === 1)).toBeGreaterThan(0.98);
  });
});
