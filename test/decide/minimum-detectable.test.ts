import { describe, expect, it } from 'vitest';
import { decide, type Policy } from '../../src/decide/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows } from './batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const rows = new Rows('minimum');
const baseline = baselineOf(rows.many(1000));

function decideOn(count: number, draw: (row: number) => BatchRow, policy: Partial<Policy> = {}) {
  const assessment = assessmentOf('a.csv', rows.many(count, draw), baseline);
  return decide([assessment], baseline, { ...POLICY, ...policy }, 'batch').decision;
}

const leastOf = (kind: string, count: number, policy: Partial<Policy> = {}) =>
  decideOn(count, () => rows.sound(), policy).minimumDetectable.find((one) => one.kind === kind)!.rows;

describe('the least number of poisoned rows that would be found', () => {
  it('is said for every detector', () => {
    const { minimumDetectable } = decideOn(600, () => rows.sound());
    expect(minimumDetectable.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    for (const { rows: least } of minimumDetectable) expect(Number.isInteger(least) && least! > 0).toBe(true);
  });

  it('is a smaller share of a larger batch', () => {
    for (const kind of ['label-flip', 'outlier'])
      expect(leastOf(kind, 1600)! / 1600).toBeLessThan(leastOf(kind, 400)! / 400);
  });

  it('rises with the tolerance and with a stricter rate', () => {
    expect(
      leastOf('label-flip', 600, { tolerance: 0.05 })! - leastOf('label-flip', 600, { tolerance: 0 })!,
    ).toBeGreaterThan(20);
    expect(leastOf('label-flip', 600, { falseQuarantineRate: 1e-6 })).toBeGreaterThan(leastOf('label-flip', 600)!);
  });

  it('is nothing where nothing is judged', () => {
    expect(leastOf('label-flip', 0)).toBeNull();
    const unlabelled = decideOn(100, () => ({ ...rows.sound(), label: -1 })).minimumDetectable;
    expect(unlabelled[0]).toEqual({ kind: 'label-flip', rows: null });
    expect(unlabelled[1]!.rows).not.toBeNull();
  });

  it.each([
    ['label-flip', () => rows.flipped()],
    ['outlier', () => rows.odd()],
  ])('%s: so many are found four times in five', (kind, poison) => {
    const RESAMPLES = 50;
    const COUNT = 600;
    // The quantile is an approximation: a fifth more leaves no doubt.
    const poisoned = Math.ceil(1.2 * leastOf(kind, COUNT)!);
    const found = Array.from({ length: RESAMPLES }, () =>
      decideOn(COUNT, (row) => (row < poisoned ? poison() : rows.sound())),
    ).filter(({ verdict }) => verdict === 'quarantine').length;
    // All but once in a thousand, Binomial(50, 0.8) is 31 or more; more than promised is no fault.
    expect(found).toBeGreaterThanOrEqual(31);
  });
});
