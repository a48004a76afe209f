import type { Table } from 'apache-arrow';
import { patchAt } from '../trigger/parts.js';
import { type RowItems, readItems, visitCells } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import { crossFit } from './cross-fit.js';
import { liftChance, pairAt } from './pairs.js';
import { fitPixels } from './pixel-fit.js';
import { findPure, type NumberedItems, type PureItem } from './pure-items.js';
import { meanOf, type RankEvidence, rankAmong, weighRanks } from './rank-evidence.js';
import { sparseRows } from './sparse-rows.js';
import { numberGrams, readTextRows } from './text-rows.js';

/** Distinct rows of a batch. */
export interface DistinctRows {
  readonly table: Table;
  /** Row → class, −1 for none. */
  readonly labels: Int32Array;
  readonly classes: number;
  readonly digests: Float64Array;
}

export type ItemSort = 'text' | 'pair' | 'patch';

export interface WeighedItem extends PureItem, RankEvidence {
  readonly sort: ItemSort;
  /** Mean rank of all rows of the class among those of others. */
  readonly usual: number;
}

const FOLDS = 4;
const MOST_LOOKED_AT = 200;
const TEXT_PURITY = { leastRows: 8, share: 0.9, mostChance: 1e-3 };
const PATCH_PURITY = { leastRows: 8, share: 0.85, mostChance: 1e-5 };
const PAIR_PURITY = { leastRows: 8, share: 0.9, mostChance: 1e-3 };
const MOST_LIFT_CHANCE = 1e-6;
/** Of rows and pairs of columns together. */
const MOST_PAIRS = 40_000_000;

/** Every item whose carriers nearly all have one label, with how well that label fits what else they are. */
export function weighItems(rows: DistinctRows, space: ItemSpace): WeighedItem[] {
  const items = readItems({ ...space, texts: [] }, rows.table);
  const folds = Uint8Array.from(rows.digests, (digest) => Math.floor(digest / 2) % FOLDS);
  return [...weighSparse(rows, space, items, folds), ...weighPatches(rows, space, items, folds)];
}

function weighSparse(rows: DistinctRows, space: ItemSpace, items: RowItems, folds: Uint8Array): WeighedItem[] {
  const { labels, classes } = rows;
  const texts = readTextRows(rows.table, space.texts);
  const candidates = [
    ...findPure(numberGrams(texts, TEXT_PURITY.leastRows), labels, classes, TEXT_PURITY),
    ...findPairs(rows, space, items),
  ];
  if (candidates.length === 0) return [];
  const features = sparseRows(space, items, texts);
  const weighed: WeighedItem[] = [];
  for (const [target, own] of byTarget(candidates)) {
    const weights = crossFit(features, labels, target, folds, FOLDS);
    const weightsOf = (row: number) => weights[folds[row] as number] as Float64Array;
    const scores = Float64Array.from(labels, (_, row) => features.scoreWithoutColumns(row, [], weightsOf(row)));
    const usual = new UsualScores(scores, labels, target);
    for (const one of own) {
      const pair = one.item < 0 ? pairAt(space, -1 - one.item) : undefined;
      const evidence = usual.weigh(one, (row) =>
        pair === undefined
          ? features.scoreWithoutGram(row, one.item, weightsOf(row))
          : features.scoreWithoutColumns(row, pair.places, weightsOf(row)),
      );
      weighed.push({ ...one, ...evidence, usual: usual.rank, sort: pair === undefined ? 'text' : 'pair' });
    }
  }
  return weighed;
}

function findPairs({ labels, classes }: DistinctRows, space: ItemSpace, items: RowItems): PureItem[] {
  const width = space.columns.length;
  if ((space.columns[0]?.offset ?? -1) < 0 || width < 2) return [];
  const most = Math.floor(MOST_PAIRS / ((width * (width - 1)) / 2));
  const some = labels.map((label, row) => (row < most ? label : -1));
  const lift = liftChance(space, items, some, classes);
  return findPure(numberCells({ ...space, grids: [] }, items), some, classes, {
    ...PAIR_PURITY,
    admits: (...args) => lift(...args) <= MOST_LIFT_CHANCE,
  });
}

function weighPatches(rows: DistinctRows, space: ItemSpace, items: RowItems, folds: Uint8Array): WeighedItem[] {
  const { table, labels, classes } = rows;
  if (space.grids.length === 0) return [];
  const candidates = findPure(numberCells({ ...space, columns: [] }, items), labels, classes, PATCH_PURITY);
  return space.grids.flatMap((grid) => {
    const own = candidates.filter(({ item }) => patchAt(space, -1 - item)?.grid === grid);
    if (own.length === 0) return [];
    const fitted = fitPixels(grid, table, { labels, classes, folds, count: FOLDS });
    return byTarget(own).flatMap(([target, ofTarget]) => {
      const scores = Float64Array.from(labels, (_, row) => fitted.scores.data[row * classes + target] as number);
      const usual = new UsualScores(scores, labels, target);
      return ofTarget.map((one): WeighedItem => {
        const { left = 0, top = 0 } = patchAt(space, -1 - one.item) ?? {};
        const evidence = usual.weigh(one, (row) => fitted.without(row, target, left, top));
        return { ...one, ...evidence, usual: usual.rank, sort: 'patch' };
      });
    });
  });
}

function numberCells(space: ItemSpace, items: RowItems): NumberedItems {
  return {
    size: space.cells,
    idOf: (cell) => -1 - cell,
    visit: (row, visit) => visitCells(space, items, row, visit),
  };
}

function byTarget(items: readonly PureItem[]): [number, PureItem[]][] {
  const targets = new Map<number, PureItem[]>();
  for (const one of items) {
    const own = targets.get(one.target);
    if (own === undefined) targets.set(one.target, [one]);
    else own.push(one);
  }
  return [...targets].sort(([a], [b]) => a - b);
}

/** Scores of a class by models that have not seen the row. */
class UsualScores {
  readonly #own: Float64Array;
  readonly #others: Float64Array;
  readonly rank: number;

  constructor(scores: Float64Array, labels: Int32Array, target: number) {
    this.#own = scores.filter((_, row) => labels[row] === target).sort();
    this.#others = scores.filter((_, row) => labels[row] !== target && (labels[row] as number) >= 0).sort();
    this.rank = meanOf(this.#own.map((score) => rankAmong(this.#others, score)));
  }

  weigh({ own }: PureItem, scoreOf: (row: number) => number): RankEvidence {
    return weighRanks(Float64Array.from(own.subarray(0, MOST_LOOKED_AT), scoreOf), this.#others, this.#own);
  }
}
