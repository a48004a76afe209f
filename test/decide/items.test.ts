import { describe, expect, it } from 'vitest';
import { testItems } from '../../src/decide/items.js';
import { countItems } from '../../src/detect/index.js';
import { seededRandom } from '../../src/linear/index.js';

const LEVEL = 0.05;

function carrying(digests: readonly number[]) {
  return {
    signatures: { perRow: 1, values: Float64Array.from(digests) },
    labels: new Int32Array(digests.length),
    detectors: [],
  };
}

async function test(batch: readonly number[], trusted: readonly number[], level = LEVEL) {
  const counts = await countItems([{ path: 'a', read: async () => carrying(batch) }], carrying(trusted), level);
  return testItems([{ kind: 'duplicate-flood', counts }], level);
}

/** Rows that equal one another by nature: of a few common kinds, of many rare ones, or of none. */
function population(seed: string, rows: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => {
    const u = random();
    return u < 0.3
      ? Math.floor(40 * random() ** 2)
      : u < 0.6
        ? 1000 + Math.floor(200 * random())
        : 1e6 * (1 + random());
  });
}

const copies = (of: number, count: number) => new Array<number>(count).fill(of);

describe('the test of items', () => {
  it.each([
    [300, 300],
    [600, 200],
    [200, 600],
  ])('rejects clean batches of %i rows against %i at most as often as its level says', async (rows, trusted) => {
    let rejected = 0;
    const resamples = 150;
    for (let seed = 0; seed < resamples; seed++) {
      const all = population(`${rows}/${seed}`, rows + trusted);
      if ((await test(all.slice(0, rows), all.slice(rows))).pValue <= LEVEL) rejected++;
    }
    // Three standard errors above the level.
    expect(rejected / resamples).toBeLessThanOrEqual(LEVEL + 3 * Math.sqrt((LEVEL * (1 - LEVEL)) / resamples));
  });

  it('finds as many copies as it says are found, and no fewer', async () => {
    const [clean, trusted] = [population('batch', 1000), population('trusted', 1000)];
    const [least] = (await test(clean, trusted)).minimumDetectable;
    const fewest = least?.rows ?? 0;
    expect(fewest).toBeGreaterThanOrEqual(5);
    expect(fewest).toBeLessThan(80);
    const flooded = await test([...clean.slice(fewest + 2), ...copies(-1, fewest + 2)], trusted);
    expect(flooded.rejected.map(({ item }) => item.rows)).toEqual([fewest + 2]);
    expect((await test([...clean.slice(5), ...copies(-1, 5)], trusted)).rejected).toEqual([]);
  });

  it('lets pass what is common among trusted rows too', async () => {
    const unique = Array.from({ length: 1000 }, (_, row) => row);
    const trusted = [...unique.map((row) => row + 5000), ...copies(-1, 40)];
    expect((await test([...unique, ...copies(-1, 45)], trusted)).rejected).toEqual([]);
    expect((await test([...unique, ...copies(-1, 200)], trusted)).rejected).toHaveLength(1);
  });

  it('lets pass bursts of the size that trusted rows have themselves', async () => {
    const unique = Array.from({ length: 1000 }, (_, row) => row);
    const trusted = [...unique.map((row) => row + 5000), ...copies(-1, 20)];
    expect((await test([...unique, ...copies(-2, 30)], trusted)).rejected).toEqual([]);
    expect((await test([...unique, ...copies(-2, 60)], trusted)).rejected).toHaveLength(1);
  });
});
