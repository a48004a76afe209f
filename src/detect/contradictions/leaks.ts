import type { RowItems } from '../trigger/row-items.js';
import type { BlindWords, WeighedItem } from './contract.js';
import { crossFit } from './cross-fit.js';
import { FOLDS, foldOf } from './folds.js';
import { findPure, type PureItem } from './pure-items.js';
import type { SparseRows } from './sparse-rows.js';
import { numberGrams, type TextRows } from './text-rows.js';
import { UsualScores } from './usual-scores.js';
import { type WordModel, wordReader } from './word-model.js';

/** So many rows of a class carry it, and so few others, that it says the label by itself. */
const LEAST_COVERED = 0.95;
const LEAK_PURITY = { leastRows: 30, share: 0.99, mostChance: 1e-6, mostShare: 1 };
/** Of the batch: narrow classes are often about one thing, which has a name. */
const LEAST_CLASS_SHARE = 0.2;

/** Words and pairs of words that nearly all rows of a large class carry, and hardly any other. */
export function findLeaks(texts: TextRows, labels: Int32Array, classes: number): PureItem[] {
  const sizes = new Uint32Array(classes);
  for (const label of labels) if (label >= 0) sizes[label] = (sizes[label] as number) + 1;
  const labelled = sizes.reduce((sum, size) => sum + size, 0);
  return findPure(numberGrams(texts, LEAK_PURITY.leastRows), labels, classes, {
    ...LEAK_PURITY,
    admits: (_, target, own) => {
      const size = sizes[target] as number;
      return own >= LEAST_COVERED * size && size >= LEAST_CLASS_SHARE * labelled;
    },
  });
}

/** `features` are blind to all of them. */
export function weighLeaks(
  leaks: readonly PureItem[],
  features: SparseRows,
  words: WordModel,
  labels: Int32Array,
  folds: Uint8Array,
): WeighedItem[] {
  const targets = [...new Set(leaks.map(({ target }) => target))];
  return targets.flatMap((target) => {
    const weights = crossFit(features, labels, target, folds, FOLDS);
    const scoreOf = (row: number) => features.scoreOf(row, undefined, weights[folds[row] as number] as Float64Array);
    const usual = new UsualScores(
      Float64Array.from(labels, (_, row) => scoreOf(row)),
      labels,
      target,
    );
    const leak: BlindWords = { words, weights, middle: usual.middle };
    return leaks
      .filter((one) => one.target === target)
      .map((one): WeighedItem => {
        const contradicted = one.own.filter((row) => scoreOf(row) < leak.middle).length;
        const rows = one.own.length;
        return { ...one, bound: 1, pValue: one.chance, contradicted, rows, usual: usual.rank, sort: 'text', leak };
      });
  });
}

/** How the rows at `carriers` score as rows of the class without it: below 0 they look like another class. */
export function scoreBlindly(
  { words, weights, middle }: BlindWords,
  { starts, ids }: RowItems,
  carriers: readonly number[],
): Float64Array {
  const read = wordReader(words);
  return Float64Array.from(carriers, (row) => {
    const visitIds = (visit: (id: number) => void) => {
      for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) visit(ids[k] as number);
    };
    const own = weights[foldOf(visitIds)] as Float64Array;
    let score = -middle;
    read(visitIds, (feature, value) => {
      score += value * (own[feature] as number);
    });
    return score;
  });
}
