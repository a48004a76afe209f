import type { Baseline } from '../baseline/index.js';
import { calibrateOnRest, type Tally } from '../detect/index.js';
import type { Merged } from './families.js';

/** What to compare a scope with. */
export type Reference = (scope: Merged) => Baseline;

/**
 * Trusted rows where there are any. A batch that judges itself offers each scope its other rows, `all` without the
 * scope's own: when scopes do not differ, every division of the rows among them is as likely as any other, whatever
 * the models are that gave the scores, so that the tests are exact.
 */
export function referenceOf(baseline: Baseline, all: Merged | undefined): Reference {
  if (baseline.twin === undefined || all === undefined) return () => baseline;
  return ({ perDetector }) => ({
    ...baseline,
    detectors: baseline.detectors.map((detector, index) => ({
      ...detector,
      calibrations: [calibrateOnRest(all.perDetector[index] as Tally, perDetector[index] as Tally)],
    })),
  });
}
