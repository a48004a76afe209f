import { describe, expect, it } from 'vitest';
import { LabelTable } from '../../../src/detect/ledger/label-table.js';
import { seededRandom } from '../../../src/linear/index.js';

describe('labels of equal rows', () => {
  it('of more rows than can be counted are counted of some groups, and whole', () => {
    const random = seededRandom('digests');
    const digests = Array.from({ length: 5000 }, () => Math.floor(2 ** 52 * random()));
    const table = new LabelTable(5_000_000);
    for (const digest of digests) for (const isTrusted of [true, false]) table.add(digest, 7, isTrusted);
    const equals = digests.flatMap((digest) => table.equalsOf(digest, 7, false) ?? []);
    expect(equals.length).toBeGreaterThan(500);
    expect(equals.length).toBeLessThan(3000);
    for (const one of equals) expect(one).toEqual({ contradict: false, trusted: { rows: 1, alike: 1 } });
  });
});
