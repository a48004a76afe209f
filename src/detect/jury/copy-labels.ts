import { lowerBound, type Matrix, selectRows, toProbabilities } from '../../linear/index.js';
import { oddsOfOthers } from '../class-probabilities.js';
import { addToHistogram, type Histogram } from '../histogram.js';

/** Which labels copies of a row have that are not all labelled alike. Plain data, an entry for each digest and label. */
export interface CopyLabels {
  /** Ascending. */
  readonly digests: Float64Array;
  readonly labels: Uint16Array;
  /** How much oftener than the scores let expect copies have one label: 0 for as often, 1 for always. */
  readonly agreement: number;
}

/** As if so many groups of copies more agreed as often as the scores let expect. */
const GROUPS_BY_CHANCE = 10;
/** Of all groups, not of each: more would say too much of rows that another sender has copied. */
const MOST_AGREEMENT = 0.8;
/** Where the scores leave no more doubt than this, copies have nothing to tell. */
const LEAST_DOUBT = 1e-3;
/** A sample has so many copies of a row at most; of a group as large there may be others, with labels that it does not show. */
export const MOST_COPIES = 16;
/** The model that says what is to be expected may be wrong. */
const LEAST_CHANCE = 1e-3;

interface CopyGroup {
  /** Any of them. */
  readonly row: number;
  readonly counts: Histogram;
}

/** `scores`: class scores of the rows, rows × classes, the same for copies. */
export function readCopyLabels(digests: Float64Array, labels: Int32Array, scores: Matrix): CopyLabels {
  const groups = new Map<number, CopyGroup>();
  digests.forEach((digest, row) => {
    const label = labels[row] as number;
    if (label < 0) return;
    const group = groups.get(digest) ?? { row, counts: new Map() };
    groups.set(digest, group);
    addToHistogram(group.counts, label);
  });
  const isDisputed = ({ counts }: CopyGroup) => counts.size > 1 && rowsIn(counts) < MOST_COPIES;
  const disputed = [...groups].filter(([, group]) => isDisputed(group)).sort(([a], [b]) => a - b);
  const entries = disputed.flatMap(([digest, { counts }]) => [...counts.keys()].map((label) => ({ digest, label })));
  return {
    digests: Float64Array.from(entries, ({ digest }) => digest),
    labels: Uint16Array.from(entries, ({ label }) => label),
    agreement: measureAgreement([...groups.values()], scores),
  };
}

/** Each group counts once, however large it was made. */
function measureAgreement(groups: readonly CopyGroup[], scores: Matrix): number {
  const several = groups.filter(({ counts }) => rowsIn(counts) > 1);
  if (several.length === 0) return 0;
  const rows = several.map(({ row }) => row);
  const { data } = toProbabilities(selectRows(scores, rows));
  const expected = data.reduce((sum, probability) => sum + probability ** 2, 0) / several.length;
  if (1 - expected < LEAST_DOUBT) return 0;
  const agreed = several.reduce((sum, { counts }) => sum + shareAgreed(counts), 0);
  const beyond = (agreed - several.length * expected) / (several.length + GROUPS_BY_CHANCE);
  return Math.min(MOST_AGREEMENT, Math.max(0, beyond / (1 - expected)));
}

function rowsIn(counts: Histogram): number {
  return [...counts.values()].reduce((sum, rows) => sum + rows, 0);
}

/** Of all pairs of copies. */
function shareAgreed(counts: Histogram): number {
  const rows = rowsIn(counts);
  return [...counts.values()].reduce((sum, own) => sum + own * (own - 1), 0) / (rows * (rows - 1));
}

/**
 * Raises the classes that copies of a row have beside its own, as far as copies agree elsewhere. Whoever flips a label can
 * send the row twice: so a copy of the same label vouches for nothing, and of those that contradict each other none is
 * believed more, however many they are.
 */
export function heedCopies(copies: CopyLabels, digests: Float64Array, labels: Int32Array, scores: Matrix): Matrix {
  const heeded = { ...scores, data: scores.data.slice() };
  const odds = copies.agreement / (1 - copies.agreement);
  digests.forEach((digest, row) => {
    for (let at = lowerBound(copies.digests, digest); copies.digests[at] === digest; at++) {
      const other = copies.labels[at] as number;
      if (other === labels[row]) continue;
      const expected = 1 / (1 + oddsOfOthers(other, scores, row));
      const place = row * scores.cols + other;
      heeded.data[place] = (heeded.data[place] as number) + Math.log1p(odds / Math.max(expected, LEAST_CHANCE));
    }
  });
  return heeded;
}
