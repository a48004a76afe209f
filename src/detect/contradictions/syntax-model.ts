import { lowerBound } from '../../linear/index.js';
import type { RowItems } from '../trigger/row-items.js';
import type { SyntaxModel } from './contract.js';
import type { NumberedGrams } from './text-rows.js';

/** Of the rows that are taken for built-in ones, those that rows of other classes let expect. */
const FALSE_SHARE = 0.1;

/** Naive Bayes on templates, for rows of `target` against those of other classes. */
export function fitSyntax(templates: NumberedGrams, labels: Int32Array, target: number): SyntaxModel {
  const [own, others] = [new Float64Array(templates.size), new Float64Array(templates.size)];
  const sizes = [0, 0] as [number, number];
  labels.forEach((label, row) => {
    if (label < 0) return;
    const isOwn = label === target;
    sizes[isOwn ? 0 : 1]++;
    const counts = isOwn ? own : others;
    templates.itemsOf(row).forEach((index) => {
      counts[index] = (counts[index] as number) + 1;
    });
  });
  const order = [...own.keys()].sort((a, b) => templates.idOf(a) - templates.idOf(b));
  const ids = Float64Array.from(order, (index) => templates.idOf(index));
  const share = (count: number, size: number) => (count + 1) / (size + 2);
  const odds = Float64Array.from(order, (index) =>
    Math.log(share(own[index] as number, sizes[0]) / share(others[index] as number, sizes[1])),
  );
  const model = { ids, odds, least: Infinity };
  const scores = scoreAll(model, templates, labels.length);
  return { ...model, least: leastTelling(scores, labels, target) };
}

function scoreAll(model: SyntaxModel, templates: NumberedGrams, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let score = 0;
    templates.itemsOf(row).forEach((index) => {
      score += oddsOf(model, templates.idOf(index));
    });
    return score;
  });
}

/** The least score from which on at most a tenth of the rows of the class would be there, were they built as others are. */
function leastTelling(scores: Float64Array, labels: Int32Array, target: number): number {
  const own = scores.filter((_, row) => labels[row] === target).sort();
  const others = scores.filter((_, row) => (labels[row] as number) >= 0 && labels[row] !== target).sort();
  const place = own.findIndex((score, at) => {
    const chance = (1 + others.length - lowerBound(others, score)) / (1 + others.length);
    return chance * own.length <= FALSE_SHARE * (own.length - at);
  });
  return place < 0 ? Infinity : (own[place] as number);
}

function oddsOf({ ids, odds }: SyntaxModel, id: number): number {
  const place = lowerBound(ids, id);
  return ids[place] === id ? (odds[place] as number) : 0;
}

/** How much the rows are built like those of the class. */
export function scoreSyntax(model: SyntaxModel, { starts, ids }: RowItems, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => {
    let score = 0;
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) score += oddsOf(model, ids[k] as number);
    return score;
  });
}
