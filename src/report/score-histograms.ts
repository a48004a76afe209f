import type { Baseline, FittedDetector } from '../baseline/index.js';
import type { ShardMarks } from '../mark/index.js';
import { logOddsOf } from './log-odds.js';
import type { Picture } from './types.js';

type Distribution = Picture['distributions'][number];

const BINS = 32;
/** Of trusted rows, below which the differences between good rows are not worth the room. */
const LEAST_QUANTILE = 0.005;
/** Room for rows worse than the worst trusted one, as a share of what the trusted rows take. */
const HEADROOM = 0.35;

/**
 * Counts the scores of rows as they go by, beside those of the trusted rows: on a scale of log odds laid over the
 * trusted scores, because most scores lie close to 0 and what tells lies close to 1.
 */
export class ScoreHistograms {
  readonly #distributions: readonly (Distribution & { readonly batch: number[] })[];

  constructor({ detectors }: Pick<Baseline, 'detectors'>) {
    this.#distributions = detectors.map((detector) => {
      const scores = trustedLogOdds(detector);
      const scale = scaleOver(scores);
      const trusted = new Array<number>(BINS).fill(0);
      for (const score of scores) count(trusted, scale, score);
      return { kind: detector.kind, ...scale, trusted, batch: new Array<number>(BINS).fill(0) };
    });
  }

  add({ detectors }: ShardMarks): void {
    for (const distribution of this.#distributions) {
      const { anomalyScore, pValue } = detectors.get(distribution.kind) ?? {};
      anomalyScore?.forEach((score, row) => {
        // Rows that are compared with no trusted row would show a difference that is none.
        if (!Number.isNaN(pValue?.[row])) count(distribution.batch, distribution, logOddsOf(score));
      });
    }
  }

  get distributions(): readonly Distribution[] {
    return this.#distributions;
  }
}

function trustedLogOdds({ calibrations: [calibration] }: FittedDetector): Float64Array {
  const scores = calibration?.scores ?? [];
  const all = new Float64Array(scores.reduce((rows, { length }) => rows + length, 0));
  let at = 0;
  for (const stratum of scores) {
    all.set(stratum.map(logOddsOf), at);
    at += stratum.length;
  }
  return all.sort();
}

function scaleOver(sorted: Float64Array): Pick<Distribution, 'from' | 'to'> {
  const from = sorted[Math.floor(LEAST_QUANTILE * sorted.length)] ?? 0;
  const span = (sorted.at(-1) ?? 0) - from;
  return { from, to: from + (span || 1) * (1 + HEADROOM) };
}

/** What lies beyond the scale counts to its ends. */
function count(bins: number[], { from, to }: Pick<Distribution, 'from' | 'to'>, score: number): void {
  const bin = Math.floor(((score - from) / (to - from)) * bins.length);
  const inside = Math.max(0, Math.min(bins.length - 1, bin));
  bins[inside] = (bins[inside] ?? 0) + 1;
}
