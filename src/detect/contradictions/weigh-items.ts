import { gridOf, patchAt } from '../trigger/parts.js';
import { type CodedRows, type RowItems, readItems, visitPatches } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import { companionsOf } from './companions.js';
import type { DistinctRows, IsUsual, WeighedItem } from './contract.js';
import { crossFit } from './cross-fit.js';
import { FOLDS, foldsOf } from './folds.js';
import { findLeaks, weighLeaks } from './leaks.js';
import { fitPixels } from './pixel-fit.js';
import { binomialTails, byTarget, findPure, type NumberedItems, type PureItem, type Purity } from './pure-items.js';
import { sparseRows } from './sparse-rows.js';
import { numberGrams, readTextRows, type TextRows, visitWithout, withTheirPairs } from './text-rows.js';
import { UsualScores } from './usual-scores.js';
import { fitWords } from './word-model.js';

const TEXT_PURITY = { leastRows: 8, share: 0.9, mostChance: 0.1 };
/** Paid for by all patches. What is looked for has nothing of its class, so that nearly all of its rows are called another. */
const MOST_DOUBTFUL_CHANCE = 0.05;
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
  const grams = numberGrams(texts, TEXT_PURITY.leastRows);
  const candidates = findPure(grams, labels, classes, {
    ...TEXT_PURITY,
    admits: unusual(grams, rows.isUsual),
  }).filter(({ item }) => !leaked.has(item));
  const companions = companionsOf(grams, candidates);
  for (const [target, own] of byTarget(candidates)) {
    const weights = crossFit(features, labels, target, folds, FOLDS);
    const weightsOf = (row: number) => weights[folds[row] as number] as Float64Array;
    const scores = Float64Array.from(labels, (_, row) => features.scoreOf(row, undefined, weightsOf(row)));
    const usual = new UsualScores(scores, labels, target);
    for (const one of own) {
      const evidence = usual.weigh(one, (row) => features.scoreOf(row, companions.get(one.item), weightsOf(row)));
      weighed.push({ ...one, ...evidence, usual: usual.rank, sort: 'text' });
    }
  }
  return weighed;
}

function wordsOf(texts: TextRows, gone: ReadonlySet<number>) {
  return fitWords(texts.rows, (row, visit) => visitWithout(texts, row, undefined, visit), gone);
}

/** Patches that nearly only rows of one class have. `parts` are the rows, in the order of the labels. */
function purePatches(
  space: ItemSpace,
  parts: readonly CodedRows[],
  { labels, classes, isUsual }: Pick<DistinctRows, 'labels' | 'classes' | 'isUsual'>,
): PureItem[] {
  const cells: NumberedItems = {
    size: space.cells,
    idOf: (cell) => -1 - cell,
    visitAll: (visit) => {
      let first = 0;
      for (const part of parts) {
        visitPatches(space, part, (patches, row) => visit(patches, first + row));
        first += part.rows;
      }
    },
  };
  return findPure(cells, labels, classes, { ...PATCH_PURITY, admits: unusual(cells, isUsual) });
}

/**
 * Is there a patch at all that nearly only rows of one class have, which another model takes for another class oftener
 * than other rows of theirs? `called` is what that model says. No other is a trigger, whatever else is in the pictures.
 */
export function hasDoubtfulPatch(
  space: ItemSpace,
  parts: readonly CodedRows[],
  { called, ...rows }: Parameters<typeof purePatches>[2] & { readonly called: Int32Array },
): boolean {
  const { labels } = rows;
  const pure = purePatches(space, parts, rows);
  const tail = binomialTails(labels.length);
  return byTarget(pure).some(([target, ofTarget]) => {
    const doubtfulIn = (own: Int32Array) => own.filter((row) => called[row] !== target).length;
    const all = Int32Array.from([...labels.keys()].filter((row) => labels[row] === target));
    const share = doubtfulIn(all) / all.length;
    return ofTarget.some(({ own }) => tail(doubtfulIn(own), own.length, share) * pure.length <= MOST_DOUBTFUL_CHANCE);
  });
}

function unusual({ idOf }: NumberedItems, isUsual: IsUsual = () => false): Purity['admits'] {
  return (index, _target, _own, carriers) => !isUsual(idOf(index), carriers);
}

function weighPatches(rows: DistinctRows, space: ItemSpace, items: RowItems): WeighedItem[] {
  const { table, labels, classes, digests } = rows;
  if (space.grids.length === 0) return [];
  const folds = Uint8Array.from(digests, (digest) => Math.floor(digest / 2) % FOLDS);
  const candidates = purePatches(space, [items], rows);
  const columns = new Map(space.grids.map((grid) => [grid.name, grid]));
  return [...columns].flatMap(([name, grid]) => {
    const own = candidates.filter(({ item }) => gridOf(space, -1 - item)?.name === name);
    if (own.length === 0) return [];
    const fitted = fitPixels(grid, table, { labels, classes, folds, count: FOLDS });
    return byTarget(own).flatMap(([target, ofTarget]) => {
      const scores = Float64Array.from(labels, (_, row) => fitted.scores.data[row * classes + target] as number);
      const usual = new UsualScores(scores, labels, target);
      return ofTarget.map((one): WeighedItem => {
        const patch = patchAt(space, -1 - one.item);
        // Single pixels of what stands anywhere tell a linear model little.
        const scoreOf = patch && fitted.without(patch, one.carriers);
        const evidence = usual.weigh(one, (row) => scoreOf?.(row, target) ?? (scores[row] as number));
        return { ...one, ...evidence, usual: usual.rank, sort: 'patch' };
      });
    });
  });
}
