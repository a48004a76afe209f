import type { Forest, Jury } from '../../detect/index.js';
import { assertMatrix, matrix } from './picture-shape.js';
import { arrayOf, assertRecord, count, Misshapen, number, orNull, record } from './shape.js';

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
  weights: matrix,
  forest: orNull(forest),
  forestShare: number,
  stack: orNull(matrix),
});

/** Throws Misshapen where what it says of `classes` classes cannot be read. */
export function assertJury(value: unknown, classes: number): void {
  const at = '.jury';
  jury(value, at);
  const { known, weights, stack, forest: trees } = value as Jury;
  assertMatrix(known.scores, `${at}.known.scores`);
  assertMatrix(weights, `${at}.weights`);
  if (stack !== null) assertMatrix(stack, `${at}.stack`);
  const fits = known.scores.rows === known.digests.length && known.scores.cols === classes;
  const isWhole =
    weights.cols === classes && (stack === null || (stack.cols === classes && stack.rows === classes + 1));
  if (!fits || !isWhole) throw new Misshapen(`${at} does not fit ${classes} classes`);
  if (trees !== null) assertForest(trees, classes, `${at}.forest`);
}

/** A walk down a tree ends, and ends at a leaf that is there: children come after their parents. */
function assertForest({ column, edge, next, roots, cols, ...leaves }: Forest, classes: number, at: string): void {
  const { leafStarts, leafClasses, leafShares } = leaves;
  const nodes = column.length;
  const isNode = (node: number) => node >= 0 && node < nodes;
  const walks = column.every((asked, node) => {
    const place = next[node] as number;
    return asked < 0 ? place >= 0 && place < leafStarts.length - 1 : asked < cols && place > node && place + 1 < nodes;
  });
  const isWhole = edge.length === nodes && next.length === nodes && roots.every(isNode) && walks;
  const ascends = leafStarts[0] === 0 && leafStarts.every((start, leaf) => start >= (leafStarts[leaf - 1] ?? 0));
  const isFilled = leafStarts.at(-1) === leafClasses.length && leafClasses.length === leafShares.length;
  if (
    !isWhole ||
    !ascends ||
    !isFilled ||
    leaves.classes !== classes ||
    leafClasses.some((label) => label >= classes)
  ) {
    throw new Misshapen(`${at} points outside itself`);
  }
}
