import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestCarriers, testTriggers } from '../../src/decide/index.js';
import { countBatch, type TrustedItems } from '../../src/detect/index.js';
import { seededRandom } from '../../src/linear/index.js';

const LEVEL = 0.001;

/** Trusted texts whose words nobody counted but in a sketch of `slots` places, of which each holds `count`. */
function trustedTexts(rows: number, slots = 1024, count = 0): TrustedItems {
  const space = { texts: ['text'], columns: [], grids: [], cells: 0 };
  const likeness = { rows: [rows], sums: [] } as unknown as TrustedItems['likeness'];
  return { space, rows, sketch: new Uint32Array(2 * slots).fill(count), cells: new Uint32Array(0), likeness };
}

const coded = (rows: number, each: number) => ({
  rows,
  starts: Uint32Array.from({ length: rows + 1 }, (_, row) => row * each),
  codes: new Uint8Array(0),
  bits: [],
});

/** Rows of ten words each, which no other row has; the first `carriers` have one in common as well. */
function countRows(trusted: TrustedItems, rows: number, carriers = 0) {
  const random = seededRandom('words');
  const own = Float64Array.from({ length: rows * 10 }, () => Math.floor(random() * 2 ** 50));
  for (let row = 0; row < carriers; row++) own[row * 10] = 2 ** 51;
  const source = {
    visitCoded: async (visit: Parameters<Parameters<typeof countBatch>[0]['visitCoded']>[0]) => visit(coded(rows, 10)),
    visitIds: async (visit: (ids: Float64Array) => void) => visit(own),
  };
  return countBatch(source, trusted, LEVEL);
}

describe('the fewest carriers', () => {
  it('are as many as are counted and looked at, whatever the sizes', async () => {
    const sizes = fc.integer({ min: 60, max: 3000 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.integer({ min: 0, max: 3 }), async (rows, trustedRows, hidden) => {
        const trusted = trustedTexts(trustedRows, 1024, Math.min(hidden, trustedRows));
        const fewest = fewestCarriers(await countRows(trusted, rows), trusted, rows, LEVEL);
        if (fewest === null) return;
        expect(fewest).toBeLessThanOrEqual(rows / 2);
        const candidates = testTriggers(await countRows(trusted, rows, fewest), LEVEL);
        expect(candidates.map((one) => one.rows)).toEqual([fewest]);
      }),
      { numRuns: 40 },
    );
  });

  it('are hardly more than are needed', async () => {
    const trusted = trustedTexts(1000);
    const fewest = fewestCarriers(await countRows(trusted, 2000), trusted, 2000, LEVEL) ?? 0;
    const candidates = testTriggers(await countRows(trusted, 2000, Math.floor(0.8 * fewest)), LEVEL);
    expect(candidates).toEqual([]);
  });

  it('are more where trusted rows seem to have what they do not have, and where only some rows are counted', async () => {
    const counted = await countRows(trustedTexts(1000), 2000);
    const fewest = fewestCarriers(counted, trustedTexts(1000), 2000, LEVEL) ?? 0;
    expect(fewestCarriers(counted, trustedTexts(1000, 1024, 1), 2000, LEVEL)).toBeGreaterThan(fewest);
    const ofMany = fewestCarriers(counted, trustedTexts(1000), 20_000, LEVEL) ?? 0;
    expect(ofMany).toBeGreaterThan(10 * fewest);
    // A draw of a tenth holds the fewest of so many nearly always.
    const random = seededRandom('draws');
    const draws = Array.from({ length: 400 }, () =>
      Array.from({ length: ofMany }, () => random() < 0.1).filter(Boolean),
    );
    const enough = draws.filter(({ length }) => length >= fewest).length;
    expect(enough / draws.length).toBeGreaterThan(0.88);
    expect(enough / draws.length).toBeLessThan(1);
  });

  it('are no number where too few rows are trusted, or there are too few', async () => {
    expect(fewestCarriers(await countRows(trustedTexts(2), 2000), trustedTexts(2), 2000, LEVEL)).toBeNull();
    expect(fewestCarriers(await countRows(trustedTexts(1000), 10), trustedTexts(1000), 10, LEVEL)).toBeNull();
  });
});
