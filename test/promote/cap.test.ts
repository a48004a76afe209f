import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capShares, leaveOut } from '../../src/promote/cap.js';

describe('the share of a signer', () => {
  const alone = (rows: readonly number[]) => rows.map((count, index) => ({ signers: [`${index}`], rows: count }));

  it.each<[string, number[], number, number, number[]]>([
    ['leaves alone who keeps within it', [40, 60], 0.6, 0, [40, 60]],
    ['takes from who has more', [900, 100], 0.5, 0, [100, 100]],
    ['counts rows that are trusted anyway', [900], 0.5, 300, [300]],
    ['leaves nothing where nobody may have enough', [500], 0.5, 0, [0]],
  ])('%s', (_, rows, share, uncapped, kept) => {
    expect(capShares(alone(rows), share, uncapped)).toEqual(kept);
  });

  it.each<[string, readonly (readonly [string, number])[], number[]]>([
    [
      'leaves nothing where one is behind all, whoever signs with it',
      [
        ['acme', 300],
        ['acme bob', 300],
      ],
      [0, 0],
    ],
    [
      'counts towards both',
      [
        ['acme', 300],
        ['acme bob', 300],
        ['cleo', 300],
      ],
      [300, 0, 300],
    ],
    [
      'keeps what is signed by several within their shares',
      [
        ['acme', 100],
        ['acme bob', 200],
        ['cleo', 300],
      ],
      [100, 200, 300],
    ],
    [
      'takes first what counts towards several',
      [
        ['acme bob', 300],
        ['acme', 300],
        ['bob', 300],
      ],
      [0, 300, 300],
    ],
    [
      'takes strangers for one',
      [
        ['', 600],
        ['acme', 100],
      ],
      [100, 100],
    ],
  ])('of several signatures %s', (_, sent, kept) => {
    const groups = sent.map(([signers, rows]) => ({ signers: signers.split(' ').filter((name) => name !== ''), rows }));
    expect(capShares(groups, 0.5, 0)).toEqual(kept);
  });

  it('is kept by all, whatever they send, and by the most rows that keep it', () => {
    const names = ['ann', 'bob', 'cleo', 'dan'];
    const group = fc.record({ signers: fc.subarray(names), rows: fc.nat(5000) });
    const sent = fc.array(group, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sent, fc.integer({ min: 5, max: 100 }), fc.nat(3000), (groups, percent, uncapped) => {
        const kept = capShares(groups, percent / 100, uncapped);
        const total = kept.reduce((sum, count) => sum + count, uncapped);
        for (const [index, { rows }] of groups.entries()) expect(kept[index]).toBeLessThanOrEqual(rows);
        for (const name of [...names, undefined]) {
          const isOf = (signers: readonly string[]) =>
            name === undefined ? signers.length === 0 : signers.includes(name);
          const load = kept.reduce((sum, count, index) => sum + (isOf(groups[index]!.signers) ? count : 0), 0);
          expect(load).toBeLessThanOrEqual(Math.max(0, (percent / 100) * total));
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
