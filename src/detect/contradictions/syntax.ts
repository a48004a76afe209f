import { groupItems } from '../trigger/families.js';
import { hash52, seedOf } from '../trigger/grams.js';
import { readItems } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import { addTemplates, type CommonWords, commonWords, readTemplates } from '../trigger/templates.js';
import type { DistinctRows, SyntaxSuspect } from './contract.js';
import { crossFit } from './cross-fit.js';
import { FOLDS, foldsOf } from './folds.js';
import { byTarget, findPure, type PureItem, sharedCarriers } from './pure-items.js';
import { type SparseRows, sparseRows } from './sparse-rows.js';
import { fitSyntax } from './syntax-model.js';
import { numberGrams, readTextRows, type TextRows, visitWithout, withoutWords } from './text-rows.js';
import { UsualScores } from './usual-scores.js';
import { fitWords } from './word-model.js';

/** Sentences that hardly any other class begins so: far from chance, and common enough to be a way of building them. */
const PURITY = { leastRows: 25, share: 0.8, mostChance: 1e-8 };
/** More of a class are how it is written by nature. */
const MOST_OF_CLASS = 0.5;
/**
 * Words other than the commonest contradict a class below the bound; natural templates have .77 and more at much looser
 * purity, hiddenkiller .69 to .73 with 6 to 20 % of the rows.
 */
const BOUND = 0.75;
/** Other rows of the class must be told by their words, though what contradicts them has spoilt the model by a fifth. */
const LEAST_USUAL = 0.7;
/** Below what is usual; the whole of sst2, sms and agnews and their parts have no class that is below it at all. */
const LEAST_DROP = 0.03;
/** Templates that a model of them looks at. */
const LEAST_ROWS = 20;
const MOST_NAMED = 3;

interface Syntax {
  readonly common: readonly CommonWords[];
  readonly suspects: readonly SyntaxSuspect[];
}

/** Classes with ways to build texts that no other has, and whose texts then say what texts of other classes say (Qi et al. 2021). */
export function findSyntax(rows: DistinctRows, space: ItemSpace): Syntax {
  const { table, labels, classes } = rows;
  const common = commonWords(table, space.texts);
  const templates = templateRows(rows, common);
  const candidates = findPure(numberGrams(templates, PURITY.leastRows), labels, classes, PURITY);
  if (candidates.length === 0) return { common, suspects: [] };
  const { features, folds } = contentOf(rows, space, common);
  const targets = byTarget(candidates);
  const suspects = targets.flatMap(([target, own]): SyntaxSuspect[] => {
    const built = new Set(own.flatMap((one) => [...one.own]));
    const weights = crossFit(features, labels, target, folds, FOLDS);
    const scoreOf = (row: number) => features.scoreOf(row, undefined, weights[folds[row] as number] as Float64Array);
    const others = labels.map((label, row) => (built.has(row) ? -1 : label));
    const usual = new UsualScores(
      Float64Array.from(labels, (_, row) => scoreOf(row)),
      others,
      target,
    );
    const ofClass = labels.filter((label) => label === target).length;
    const evidence = usual.weigh({ own: Int32Array.from(built) }, scoreOf, built.size);
    const isContradicted = usual.rank >= LEAST_USUAL && evidence.bound < Math.min(BOUND, usual.rank - LEAST_DROP);
    if (!isContradicted || built.size > MOST_OF_CLASS * ofClass) return [];
    const { item, subject } = nameTemplates(rows, common, own);
    const pValue = Math.min(1, evidence.pValue * targets.length);
    const { contradicted, rows: looked } = evidence;
    const syntax = fitSyntax(numberGrams(templates, LEAST_ROWS), labels, target);
    return [{ item, target, subject, pValue, isBeside: false, rows: looked, contradicted, syntax }];
  });
  return { common, suspects };
}

function templateRows({ table }: DistinctRows, common: readonly CommonWords[]): TextRows {
  const rows = table.numRows;
  const sets = Array.from({ length: rows }, () => new Set<number>());
  addTemplates(sets, table, common);
  const starts = new Uint32Array(rows + 1);
  sets.forEach(({ size }, row) => {
    starts[row + 1] = (starts[row] as number) + size;
  });
  const ids = Float64Array.from(sets.flatMap((own) => [...own]));
  return { rows, starts, ids, kinds: new Uint8Array(ids.length) };
}

/** What rows say, whatever words sentences are built of. */
function contentOf(
  { table }: DistinctRows,
  space: ItemSpace,
  common: readonly CommonWords[],
): { readonly features: SparseRows; readonly folds: Uint8Array } {
  const ids = common.flatMap(({ words }, place) => words.map((word) => hash52(word, seedOf(place))));
  const texts = withoutWords(readTextRows(table, space.texts), new Set(ids));
  const visitIds = (row: number, visit: (id: number) => void) => visitWithout(texts, row, undefined, visit);
  const words = fitWords(texts.rows, visitIds, new Set());
  const items = readItems({ ...space, texts: [] }, table);
  return { features: sparseRows(space, items, texts, words), folds: foldsOf(texts.rows, visitIds) };
}

/** The most telling ones that are not much the same rows. */
function nameTemplates(
  { table }: DistinctRows,
  common: readonly CommonWords[],
  templates: readonly PureItem[],
): { readonly item: number; readonly subject: string } {
  const ordered = [...templates].sort((a, b) => a.chance - b.chance || a.item - b.item);
  const groups = groupItems(
    ordered.map(({ carriers }) => carriers.length),
    sharedCarriers(ordered),
  );
  const named = groups.slice(0, MOST_NAMED).map(({ leader }) => (ordered[leader] as PureItem).item);
  const texts = new Map<number, string>();
  readTemplates(table, common, (_, id, text) => {
    if (named.includes(id)) texts.set(id, text);
  });
  return { item: named[0] as number, subject: named.map((id) => texts.get(id)).join(' | ') };
}
