import { hypergeometricTail, logChoose } from '../../../src/decide/significance/distributions.js';
import type { Urn } from '../../../src/decide/significance/tilted-urn.js';
import { seededRandom } from '../../../src/linear/index.js';

export function urnOf(levels: readonly (readonly [value: number, count: number])[], drawn: number): Urn {
  const sorted = [...levels].sort(([a], [b]) => a - b);
  return {
    values: Float64Array.from(sorted, ([value]) => value),
    counts: Float64Array.from(sorted, ([, count]) => count),
    drawn,
    total: sorted.reduce((sum, [, count]) => sum + count, 0),
  };
}

type Law = Map<number, number>;

/** Sum of the drawn values → its probability, by counting every way to draw; values must be whole numbers. */
function enumerate({ values, counts, drawn }: Urn): Law {
  let ways: Law[] = Array.from({ length: drawn + 1 }, (_, taken) => new Map(taken === 0 ? [[0, 1]] : []));
  values.forEach((value, level) => {
    const next: Law[] = ways.map(() => new Map());
    ways.forEach((sums, taken) => {
      for (let k = 0; k <= Math.min(counts[level]!, drawn - taken); k++) {
        const choices = Math.exp(logChoose(counts[level]!, k));
        for (const [sum, count] of sums) add(next[taken + k]!, sum + k * value, count * choices);
      }
    });
    ways = next;
  });
  const law = ways[drawn]!;
  const all = [...law.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...law].map(([sum, count]) => [sum, count / all]));
}

function add(law: Law, sum: number, probability: number): void {
  law.set(sum, (law.get(sum) ?? 0) + probability);
}

/** Every sum above the mean with P(sum of the draws of all urns ≥ it), least probable first. */
export function exactTails(urns: readonly Urn[]): { target: number; pValue: number }[] {
  const law = urns.map(enumerate).reduce((a, b) => {
    const joint: Law = new Map();
    for (const [x, p] of a) for (const [y, q] of b) add(joint, x + y, p * q);
    return joint;
  });
  const mean = [...law].reduce((sum, [value, probability]) => sum + value * probability, 0);
  let pValue = 0;
  return [...law]
    .sort(([a], [b]) => b - a)
    .map(([target, probability]) => {
      pValue += probability;
      return { target, pValue };
    })
    .filter(({ target }) => target > mean);
}

/** Of the tails from 1e-8 up those closest to the goals, and the greatest sum there is. */
export function spreadOut(tails: readonly { target: number; pValue: number }[], goals: readonly number[]) {
  const testable = tails.filter(({ pValue }) => pValue >= 1e-8);
  const closest = (goal: number) =>
    testable.reduce((best, one) =>
      Math.abs(Math.log(one.pValue / goal)) < Math.abs(Math.log(best.pValue / goal)) ? one : best,
    );
  return testable.length === 0 ? [] : [...new Set([testable[0]!, ...goals.map(closest)])];
}

/** P(sum ≥ target) of an urn whose values are 0, 1 and `step`: large ones too. */
export function threeLevelTail(
  { counts: [zeros, ones, heavy], drawn }: { counts: readonly [number, number, number]; drawn: number },
  step: number,
  target: number,
): number {
  const total = zeros + ones + heavy;
  let tail = 0;
  for (let k = Math.max(0, drawn - zeros - ones); k <= Math.min(heavy, drawn); k++) {
    const chance = Math.exp(logChoose(heavy, k) + logChoose(zeros + ones, drawn - k) - logChoose(total, drawn));
    tail += chance * hypergeometricTail(target - step * k, drawn - k, ones, zeros + ones);
  }
  return tail;
}

/** Whole numbers, seeded. */
export function seededIntegers(seed: string): (least: number, most: number) => number {
  const random = seededRandom(seed);
  return (least, most) => least + Math.floor(random() * (most - least + 1));
}
