import { type Baseline, MIN_BLOCKS } from '../baseline/index.js';
import { calibrateOnRest, type Tally } from '../detect/index.js';
import type { Merged } from './merge.js';

/** Rows that a scope is compared with. */
export interface Against extends Baseline {
  /** They are the other rows of the batch. */
  readonly isRest?: true;
}

/** What to compare a scope with. */
export type Reference = (scope: Merged) => Against;

/** Trusted rows where there are any; a batch that judges itself offers each scope its other rows. */
export function referenceOf(baseline: Baseline, all: Merged | undefined): Reference {
  return baseline.twin === undefined || all === undefined ? () => baseline : restOf(baseline, all);
}

/**
 * For sources, which the rows of a batch are dealt to by who sent them: the rest of the batch as well, which is as large as
 * trusted rows are few, and judged by the very models that judge the source. How much blocks of trusted rows differ says more
 * of what is usual than that.
 */
export function referencesOfSources(baseline: Baseline, all: Merged | undefined, sources: number): Reference[] {
  const reference = referenceOf(baseline, all);
  const hasBlocks = baseline.detectors.some(({ blocks }) => blocks.length >= MIN_BLOCKS);
  const isRestOfUse = baseline.twin === undefined && all !== undefined && sources > 1 && !hasBlocks;
  return isRestOfUse ? [reference, restOf(baseline, all)] : [reference];
}

/**
 * `all` without the scope's own rows: when scopes do not differ, every division of the rows among them is as likely as any
 * other, whatever the models are that gave the scores, so that the tests are exact.
 */
function restOf(baseline: Baseline, all: Merged): Reference {
  return ({ perDetector }) => ({
    ...baseline,
    isRest: true,
    detectors: baseline.detectors.map((detector, index) => ({
      ...detector,
      calibrations: [calibrateOnRest(all.perDetector[index] as Tally, perDetector[index] as Tally)],
    })),
  });
}
