import { type Table, tableFromArrays } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { groupCopies } from '../../../src/baseline/copies.js';
import { fitJury, hearJury } from '../../../src/detect/index.js';
import { assignRoles, encodeRows, fitEncoder, rowDigests } from '../../../src/encode/index.js';
import { normals, seededRandom, startBackend } from '../../../src/linear/index.js';
import { auroc } from '../auroc.js';

beforeAll(() => startBackend('wasm'));

interface Labelled {
  readonly table: Table;
  readonly labels: Int32Array;
  readonly classes: number;
}

/** Rows about as many points of the plane as there are classes, which are drawn with these weights. */
function rowsAbout(count: number, weights: readonly number[]): Labelled {
  const random = seededRandom(`${count}/${weights.length}`);
  const tickets = weights.flatMap((weight, label) => new Array<number>(weight).fill(label));
  const labels = Int32Array.from({ length: count }, () => tickets[Math.floor(random() * tickets.length)] as number);
  const noise = normals(random, 2 * count);
  const place = (label: number, side: number) => 8 * (side === 0 ? label % 20 : Math.floor(label / 20));
  const column = (side: number) =>
    Float64Array.from(labels, (label, row) => place(label, side) + (noise[2 * row + side] as number));
  return { table: tableFromArrays({ x: column(0), y: column(1) }), labels, classes: weights.length };
}

function judge({ table, labels, classes }: Labelled) {
  const columns = assignRoles(table, { ids: [] }, 'batch');
  const digests = rowDigests(table, ['x', 'y']);
  const { copies, distinct } = groupCopies(digests);
  const encoder = fitEncoder(table, columns, distinct, 'seed');
  const fitted = fitJury({ ...encodeRows(encoder, table), labels, classes, copies, digests }, encoder, 'seed');
  return { ...fitted, digests };
}

describe('fitJury', () => {
  it.each([2, 40, 300])('judges rows of %d classes, most of which hardly any row has', (classes) => {
    const own = rowsAbout(
      1500,
      Array.from({ length: classes }, (_, label) => (label < 2 ? 100 : 1)),
    );
    const { jury, scores, digests } = judge(own);
    expect([scores.rows, scores.cols]).toEqual([1500, classes]);
    expect(scores.data.every(Number.isFinite)).toBe(true);
    expect(hearJury(jury, own.table, digests, own.labels)).toEqual(scores);
    const unknown = digests.map((digest) => digest + 1);
    expect(hearJury(jury, own.table, unknown, own.labels).data.every(Number.isFinite)).toBe(true);
  });

  it('does not take labels that are flipped from one class to one other for a habit', () => {
    const own = rowsAbout(2000, [1, 1, 1, 1]);
    const flipped = own.labels.map((label, row) => (label === 0 && row % 8 === 0 ? 1 : label));
    const { scores } = judge({ ...own, labels: flipped });
    const ofOne = [...flipped.keys()].filter((row) => flipped[row] === 1);
    const leads = ofOne.map((row) => (scores.data[row * 4] as number) - (scores.data[row * 4 + 1] as number));
    expect(auroc(leads, (at) => own.labels[ofOne[at] as number] === 0)).toBeGreaterThan(0.99);
  });
});
