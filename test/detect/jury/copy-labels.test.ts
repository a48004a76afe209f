import { describe, expect, it } from 'vitest';
import { heedCopies, readCopyLabels } from '../../../src/detect/jury/copy-labels.js';
import { type Matrix, seededRandom } from '../../../src/linear/index.js';

/** Scores that say nothing: with two classes copies agree by chance in half of the pairs. */
const blank = (rows: number): Matrix => ({ rows, cols: 2, data: new Float32Array(2 * rows) });
const leadOf = ({ data }: Matrix, row: number) => data[2 * row + 1]! - data[2 * row]!;

/** Pairs of copies, all of the first class but for those rows that are named. */
function pairs(count: number, ofOther: readonly number[] = []) {
  const digests = Float64Array.from({ length: 2 * count }, (_, row) => 1000 - Math.floor(row / 2));
  const labels = new Int32Array(2 * count);
  for (const row of ofOther) labels[row] = 1;
  return { digests, labels };
}

function heed({ digests, labels }: ReturnType<typeof pairs>) {
  const scores = blank(digests.length);
  const copies = readCopyLabels(digests, labels, scores);
  return { copies, heeded: heedCopies(copies, digests, labels, scores) };
}

describe('copies of a row', () => {
  it('raise the class that they have beside its own, where copies agree elsewhere', () => {
    const { copies, heeded } = heed(pairs(200, [7]));
    expect(copies.agreement).toBe(0.8);
    expect(leadOf(heeded, 6)).toBeGreaterThan(2);
    expect(leadOf(heeded, 7)).toBe(-leadOf(heeded, 6));
    expect([0, 1, 8, 9].map((row) => leadOf(heeded, row))).toEqual([0, 0, 0, 0]);
  });

  it('say nothing where they have one label no oftener than any two rows', () => {
    const random = seededRandom('chance');
    const rows = pairs(2000);
    rows.labels.forEach((_, row) => {
      rows.labels[row] = random() < 0.5 ? 0 : 1;
    });
    const { copies, heeded } = heed(rows);
    expect(copies.agreement).toBeLessThan(0.05);
    expect(Math.max(...Array.from(rows.labels, (_, row) => Math.abs(leadOf(heeded, row))))).toBeLessThan(0.11);
  });

  it('say little where there are few', () => {
    expect(heed(pairs(3)).copies.agreement).toBeLessThan(0.3);
    expect(heed(pairs(0)).copies.agreement).toBe(0);
  });

  it('are believed no more for being many, and vouch for none', () => {
    const once = pairs(200, [7]);
    const digests = Float64Array.from([...once.digests, ...new Array<number>(13).fill(once.digests[7]!)]);
    const labels = Int32Array.from([...once.labels, ...new Array<number>(13).fill(1)]);
    const { heeded } = heed({ digests, labels });
    expect(leadOf(heeded, 7)).toBe(-leadOf(heeded, 6));
    expect(leadOf(heeded, 412)).toBe(leadOf(heeded, 7));
  });

  it('say nothing where there are so many that a sample may not show all', () => {
    const once = pairs(200, [7]);
    const digests = Float64Array.from([...once.digests, ...new Array<number>(14).fill(once.digests[7]!)]);
    const labels = Int32Array.from([...once.labels, ...new Array<number>(14).fill(1)]);
    const { heeded } = heed({ digests, labels });
    expect([leadOf(heeded, 6), leadOf(heeded, 7)]).toEqual([0, 0]);
  });

  it('say nothing where the scores leave no doubt', () => {
    const { digests, labels } = pairs(200);
    const sure = { rows: 400, cols: 2, data: Float32Array.from({ length: 800 }, (_, at) => (at % 2 === 0 ? 40 : 0)) };
    expect(readCopyLabels(digests, labels, sure).agreement).toBe(0);
  });

  it('count as one in agreement, however many they are', () => {
    const once = pairs(100);
    const digests = Float64Array.from([...once.digests, ...new Array<number>(100).fill(1)]);
    const labels = Int32Array.from([...once.labels, ...Array.from({ length: 100 }, (_, row) => row % 2)]);
    expect(heed({ digests, labels }).copies.agreement).toBeGreaterThan(0.75);
  });

  it('are heard of rows without a label and of those beyond the sample too', () => {
    const { digests, labels } = pairs(200, [7]);
    const copies = readCopyLabels(digests, labels, blank(400));
    const asked = Float64Array.of(digests[7]!, digests[7]!, 5);
    const heeded = heedCopies(copies, asked, Int32Array.of(0, 1, 1), blank(3));
    expect([0, 1, 2].map((row) => Math.sign(leadOf(heeded, row)))).toEqual([1, -1, 0]);
  });
});
