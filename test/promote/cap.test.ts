import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capShares, leaveOut } from '../../src/promote/cap.js';

describe('the share of a signer', () => {
  it.each<[string, number[], number, number, number[]]>([
    ['leaves alone who keeps within it', [40, 60], 0.6, 0, [40, 60]],
    ['takes from who has more', [900, 100], 0.5, 0, [100, 100]],
    ['counts rows that are trusted anyway', [900], 0.5, 300, [300]],
    ['leaves nothing where nobody may have enough', [500], 0.5, 0, [0]],
  ])('%s', (_, rows, share, uncapped, kept) => {
    expect(capShares(rows, share, uncapped)).toEqual(kept);
  });

  it('is kept by all, whatever they send, and by the most rows that keep it', () => {
    const sent = fc.array(fc.nat(5000), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sent, fc.integer({ min: 5, max: 100 }), fc.nat(3000), (rows, percent, uncapped) => {
        const kept = capShares(rows, percent / 100, uncapped);
        const total = kept.reduce((sum, count) => sum + count, uncapped);
        for (const [index, count] of kept.entries()) {
          expect(count).toBeLessThanOrEqual(Math.max(0, (percent / 100) * total));
          expect(count).toBeLessThanOrEqual(rows[index] as number);
        }
      }),
    );
  });

  it('takes as many rows as it says, the same each time, from all parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(100), fc.string(), (all, percent, seed) => {
        const kept = Math.floor((all * percent) / 100);
        const isLeftOut = leaveOut(all, kept, seed);
        expect(isLeftOut.filter((one) => one === 0)).toHaveLength(kept);
        expect(leaveOut(all, kept, seed)).toEqual(isLeftOut);
      }),
    );
    const half = leaveOut(10_000, 5000, 'x');
    for (const from of [0, 2500, 5000, 7500]) {
      const kept = half.subarray(from, from + 2500).filter((one) => one === 0).length;
      expect(Math.abs(kept - 1250)).toBeLessThan(125);
    }
  });
});
