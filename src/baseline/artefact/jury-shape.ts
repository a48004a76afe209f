import type { Forest, Jury } from '../../detect/index.js';
import { assertMatrix, matrix } from './picture-shape.js';
import { areStarts, arrayOf, assertRecord, count, Misshapen, number, orNull, record } from './shape.js';
import { areWalkable, assertBoosted, boosted } from './trees-shape.js';
import { assertWords, naiveBayes } from './words-shape.js';

const forest = record<Forest>({
  cols: count,
  classes: count,
  roots: arrayOf(Int32Array),
  column: arrayOf(Int32Array),
  edge: arrayOf(Float32Array),
  next: arrayOf(Int32Array),
  leafStarts: arrayOf(Int32Array),
  leafClasses: arrayOf(Uint16Array),
  leafShares: arrayOf(Float32Array),
});

const jury = record<Jury>({
  encoder: assertRecord,
  known: record<Jury['known']>({ digests: arrayOf(Float64Array), scores: matrix }),
  copies: record<Jury['copies']>({
    digests: arrayOf(Float64Array),
    labels: arrayOf(Uint16Array),
    agreement: number,
  }),
  weights: matrix,
  words: orNull(naiveBayes),
  wordShare: number,
  forest: orNull(forest),
  forestShare: number,
  boosted: orNull(boosted),
  boostedShare: number,
  stack: orNull(matrix),
});

/** Throws Misshapen where what it says of `classes` classes cannot be read. */
export function assertJury(value: unknown, classes: number): void {
  const at = '.jury';
  jury(value, at);
  const { known, copies, weights, stack, forest: trees, boosted: byPart } = value as Jury;
  assertMatrix(known.scores, `${at}.known.scores`);
  assertMatrix(weights, `${at}.weights`);
  if (stack !== null) assertMatrix(stack, `${at}.stack`);
  const fits = known.scores.rows === known.digests.length && known.scores.cols === classes;
  const isWhole =
    weights.cols === classes && (stack === null || (stack.cols === classes && stack.rows === classes + 1));
  if (!fits || !isWhole || !areLabels(copies, classes)) throw new Misshapen(`${at} does not fit ${classes} classes`);
  assertWords(value as Jury, (value as Jury).encoder, classes, at);
  if (trees !== null) assertForest(trees, classes, `${at}.forest`);
  if (byPart !== null) assertBoosted(byPart, weights.rows, classes, `${at}.boosted`);
}

function areLabels({ digests, labels, agreement }: Jury['copies'], classes: number): boolean {
  const isShare = agreement >= 0 && agreement < 1;
  return isShare && labels.length === digests.length && labels.every((label) => label < classes);
}

function assertForest({ cols, ...forest }: Forest, classes: number, at: string): void {
  const { leafStarts, leafClasses, leafShares } = forest;
  const isWhole = areWalkable(forest, leafStarts.length - 1, cols);
  const isFilled = areStarts(leafStarts, leafClasses.length) && leafClasses.length === leafShares.length;
  const isOfOthers = forest.classes !== classes || leafClasses.some((label) => label >= classes);
  if (!isWhole || !isFilled || isOfOthers) throw new Misshapen(`${at} points outside itself`);
}
