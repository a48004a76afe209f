import type { BoostedTrees, Forest } from '../../detect/index.js';
import { arrayOf, assertSay, count, Misshapen, record } from './shape.js';

export const boosted = record<BoostedTrees>({
  classes: count,
  roots: arrayOf(Int32Array),
  corrected: arrayOf(Int32Array),
  starts: arrayOf(Float32Array),
  column: arrayOf(Int32Array),
  edge: arrayOf(Float32Array),
  next: arrayOf(Int32Array),
  values: arrayOf(Float32Array),
});

type Nodes = Pick<Forest, 'column' | 'edge' | 'next' | 'roots'>;

/** A walk down a tree ends, and ends at a leaf that is there: children come after their parents. */
export function areWalkable({ column, edge, next, roots }: Nodes, leaves: number, columns: number): boolean {
  const nodes = column.length;
  const isNode = (node: number) => node >= 0 && node < nodes;
  const walks = column.every((asked, node) => {
    const place = next[node] as number;
    return asked < 0 ? place >= 0 && place < leaves : asked < columns && place > node && place + 1 < nodes;
  });
  return edge.length === nodes && next.length === nodes && roots.every(isNode) && walks;
}

/** Throws Misshapen where trees point outside themselves, or are of other columns or classes. */
export function assertBoosted(trees: BoostedTrees, columns: number, classes: number, at: string): void {
  const { starts, corrected, roots } = trees;
  const parts = starts.length / classes;
  const isWhole = areWalkable(trees, trees.values.length, columns) && Number.isInteger(parts) && parts > 0;
  const areNumbers = starts.every(Number.isFinite) && trees.values.every(Number.isFinite);
  const isOfAll = areNumbers && trees.classes === classes && corrected.every((index) => index >= 0 && index < classes);
  const areShared = roots.length % Math.max(1, parts * corrected.length) === 0;
  if (!isWhole || !isOfAll || !areShared) throw new Misshapen(`${at} points outside itself`);
}

/** Throws Misshapen where trees cannot be walked, or have a say without being there. */
export function assertCorrections(
  { trees, treeShare }: { readonly trees: BoostedTrees | null; readonly treeShare: number },
  columns: number,
  classes: number,
  at: string,
): void {
  assertSay(trees, treeShare, 'trees', at);
  if (trees === null) return;
  boosted(trees, `${at}.trees`);
  assertBoosted(trees, columns, classes, `${at}.trees`);
}
