import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialBound } from '../../../bench/binomial-bound.js';
import { addBet, alarmingPValue, logEValue, NO_BETS } from '../../../src/decide/drip/e-process.js';
import { seededRandom } from '../../../src/linear/index.js';

const wealthOf = (pValues: readonly number[]) => pValues.reduce(addBet, NO_BETS);
const logOf = (pValues: readonly number[]) => logEValue(wealthOf(pValues));
const pValue = fc.double({ min: 0, max: 1, noNaN: true });

/** The same by quadrature over ε, and over the sleepers one by one. */
function integrate(pValues: readonly number[]): number {
  const capped = pValues.map((p) => Math.max(0.001, p));
  const steps = 20_000;
  let steady = 0;
  for (let i = 0; i < steps; i++) {
    const epsilon = (i + 0.5) / steps;
    steady += capped.reduce((product, p) => product * epsilon * p ** (epsilon - 1), 1) / steps;
  }
  const sleepers = [0.5, 0.2, 0.1, 0.05].flatMap((share) =>
    [0.1, 0.2, 0.35, 0.5, 0.7].map((epsilon) =>
      capped.reduce((product, p) => product * (1 - share + share * epsilon * p ** (epsilon - 1)), 1),
    ),
  );
  return (steady + sleepers.reduce((sum, one) => sum + one, 0) / sleepers.length) / 2;
}

describe('the e-value of a record', () => {
  it('is 1 before any bet', () => expect(logOf([])).toBe(0));

  it.each([[[1]], [[0.5, 0.5]], [[0.03, 0.2, 0.9, 0.01]], [[0.001, 0.0001, 0]], [Array<number>(30).fill(0.1)]])(
    'of %j is what integrating over all bets gives',
    (pValues) => expect(Math.exp(logOf(pValues)) / integrate(pValues)).toBeCloseTo(1, 4),
  );

  it('depends on the p-values and not on their order', () => {
    fc.assert(
      fc.property(fc.array(pValue, { maxLength: 30 }), (pValues) => {
        expect(logOf([...pValues].reverse())).toBeCloseTo(logOf(pValues), 9);
      }),
    );
  });

  it('rises as any p-value falls', () => {
    fc.assert(
      fc.property(fc.array(pValue, { maxLength: 20 }), pValue, pValue, (others, a, b) => {
        const less = logOf([...others, Math.min(a, b)]);
        expect(less).toBeGreaterThanOrEqual(logOf([...others, Math.max(a, b)]) - 1e-9);
      }),
    );
  });

  it('stays a number over 20,000 batches, whatever they show', () => {
    for (const p of [0, 1e-3, 0.37, 1]) expect(Number.isFinite(logOf(Array<number>(20_000).fill(p)))).toBe(true);
  });

  it('needs three batches to raise an alarm, however bad they are', () => {
    expect(logOf([0, 0])).toBeLessThan(Math.log(1000));
    expect(logOf([0, 0, 0])).toBeGreaterThan(Math.log(10_000));
  });

  it('reaches 1/α at any time in no more than α of clean records', () => {
    const records = 2000;
    const alarm = Math.log(20);
    let alarms = 0;
    for (let record = 0; record < records; record++) {
      const random = seededRandom(`clean ${record}`);
      let wealth = NO_BETS;
      for (let batch = 0; batch < 100; batch++) {
        wealth = addBet(wealth, random());
        if (logEValue(wealth) < alarm) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms).toBeLessThanOrEqual(binomialBound(records, 1 / 20, 0.001));
    expect(alarms).toBeGreaterThan(0);
  });
});

describe('the p-value that raises the alarm', () => {
  it('is the greatest that does, undefined where none does, and 1 where any would', () => {
    const wealth = wealthOf([0.01, 0.02, 0.01]);
    const alarm = logEValue(addBet(wealth, 0.004));
    expect(alarmingPValue(wealth, alarm)).toBeCloseTo(0.004, 8);
    expect(alarmingPValue(wealth, logEValue(addBet(wealth, 0.0001)) + 0.01)).toBeUndefined();
    expect(alarmingPValue(wealth, logEValue(wealth) - 5)).toBe(1);
  });
});
