import { patchAt } from '../trigger/parts.js';
import { type RowItems, readItems, visitCells } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import type { DistinctRows, WeighedItem } from './contract.js';
import { crossFit } from './cross-fit.js';
import { FOLDS, foldsOf } from './folds.js';
import { findLeaks, weighLeaks } from './leaks.js';
import { fitPixels } from './pixel-fit.js';
import { byTarget, findPure } from './pure-items.js';
import { sparseRows } from './sparse-rows.js';
import { numberGrams, readTextRows, type TextRows, visitWithout, withTheirPairs } from './text-rows.js';
import { UsualScores } from './usual-scores.js';
import { fitWords } from './word-model.js';

const TEXT_PURITY = { leastRows: 8, share: 0.9, mostChance: 0.1 };
const PATCH_PURITY = { leastRows: 8, share: 0.85, mostChance: 1e-5 };

/** Every item whose carriers nearly all have one label, with how well that label fits what else they are. */
export function weighItems(rows: DistinctRows, space: ItemSpace): WeighedItem[] {
  const items = readItems({ ...space, texts: [] }, rows.table);
  const ofTexts = space.texts.length === 0 ? [] : weighTexts(rows, space, items);
  return [...ofTexts, ...weighPatches(rows, space, items)];
}

function weighTexts(rows: DistinctRows, space: ItemSpace, items: RowItems): WeighedItem[] {
  const { labels, classes } = rows;
  const texts = readTextRows(rows.table, space.texts);
  const folds = foldsOf(texts.rows, (row, visit) => visitWithout(texts, row, undefined, visit));
  const leaks = space.columns.length === 0 ? findLeaks(texts, labels, classes) : [];
  // What gives a label away leaves nothing for the rest of a row to tell of it.
  const leaked = new Set(leaks.map(({ item }) => item));
  const words = wordsOf(texts, withTheirPairs(texts, leaked));
  const features = sparseRows(space, items, texts, words);
  const weighed: WeighedItem[] = weighLeaks(leaks, features, words, labels, folds);
  const candidates = findPure(numberGrams(texts, TEXT_PURITY.leastRows), labels, classes, TEXT_PURITY);
  for (const [target, own] of byTarget(candidates.filter(({ item }) => !leaked.has(item)))) {
    const weights = crossFit(features, labels, target, folds, FOLDS);
    const weightsOf = (row: number) => weights[folds[row] as number] as Float64Array;
    const scores = Float64Array.from(labels, (_, row) => features.scoreOf(row, undefined, weightsOf(row)));
    const usual = new UsualScores(scores, labels, target);
    for (const one of own) {
      const evidence = usual.weigh(one, (row) => features.scoreOf(row, one.item, weightsOf(row)));
      weighed.push({ ...one, ...evidence, usual: usual.rank, sort: 'text' });
    }
  }
  return weighed;
}

function wordsOf(texts: TextRows, gone: ReadonlySet<number>) {
  return fitWords(texts.rows, (row, visit) => visitWithout(texts, row, undefined, visit), gone);
}

function weighPatches(rows: DistinctRows, space: ItemSpace, items: RowItems): WeighedItem[] {
  const { table, labels, classes, digests } = rows;
  if (space.grids.length === 0) return [];
  const folds = Uint8Array.from(digests, (digest) => Math.floor(digest / 2) % FOLDS);
  const cells = {
    size: space.cells,
    idOf: (cell: number) => -1 - cell,
    visit: (row: number, visit: (cell: number) => void) => visitCells({ ...space, columns: [] }, items, row, visit),
  };
  const candidates = findPure(cells, labels, classes, PATCH_PURITY);
  return space.grids.flatMap((grid) => {
    const own = candidates.filter(({ item }) => patchAt(space, -1 - item)?.grid === grid);
    if (own.length === 0) return [];
    const fitted = fitPixels(grid, table, { labels, classes, folds, count: FOLDS });
    return byTarget(own).flatMap(([target, ofTarget]) => {
      const scores = Float64Array.from(labels, (_, row) => fitted.scores.data[row * classes + target] as number);
      const usual = new UsualScores(scores, labels, target);
      return ofTarget.map((one): WeighedItem => {
        const { left = 0, top = 0 } = patchAt(space, -1 - one.item) ?? {};
        const scoreOf = fitted.without({ left, top }, one.carriers);
        const evidence = usual.weigh(one, (row) => scoreOf(row, target));
        return { ...one, ...evidence, usual: usual.rank, sort: 'patch' };
      });
    });
  });
}
