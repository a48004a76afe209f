import type { Random } from '../../linear/index.js';
import type { BinnedColumns } from './bins.js';
import { type Split, SplitSearch, type TreeRows, type TreeStyle } from './split-search.js';

/** A tree as it grows: nodes in order, children after their parents, side by side. */
export interface Tree {
  /** −1 for a leaf. */
  readonly column: number[];
  /** Values up to it go left. */
  readonly edge: number[];
  /** Left child, the right one being the next; of a leaf, its place among leaves. */
  readonly next: number[];
  /** Class counts of each leaf, as pairs of class and count. */
  readonly leaves: number[][];
}

const LEAST_LEAF = 2;

/** Grows a classification tree on the rows at `chosen`, which it reorders. */
export function growTree(rows: TreeRows, chosen: Int32Array, style: TreeStyle, random: Random): Tree {
  const tree: Tree = { column: [-1], edge: [0], next: [-1], leaves: [] };
  const search = new SplitSearch(rows, { ...style, leastLeaf: LEAST_LEAF }, random);
  const open = [{ node: 0, from: 0, to: chosen.length }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { node, from, to } = part;
    const own = chosen.subarray(from, to);
    const split = own.length < 2 * LEAST_LEAF ? undefined : search.find(own);
    if (split === undefined) {
      tree.next[node] = tree.leaves.length;
      tree.leaves.push(countsOf(own, rows.labels));
      continue;
    }
    const left = tree.column.length;
    tree.column[node] = split.column;
    tree.edge[node] = rows.columns.edges[split.column]?.[split.bin] as number;
    tree.next[node] = left;
    tree.column.push(-1, -1);
    tree.edge.push(0, 0);
    tree.next.push(-1, -1);
    const middle = from + partition(own, rows.columns, split);
    open.push({ node: left + 1, from: middle, to }, { node: left, from, to: middle });
  }
  return tree;
}

/** Brings rows that go left to the front; returns how many they are. */
function partition(chosen: Int32Array, { bins, rows }: BinnedColumns, { column, bin }: Split): number {
  const start = column * rows;
  let left = 0;
  for (let at = 0; at < chosen.length; at++) {
    const row = chosen[at] as number;
    if ((bins[start + row] as number) > bin) continue;
    chosen[at] = chosen[left] as number;
    chosen[left++] = row;
  }
  return left;
}

function countsOf(chosen: Int32Array, labels: Int32Array): number[] {
  const counts = new Map<number, number>();
  for (const row of chosen) counts.set(labels[row] as number, (counts.get(labels[row] as number) ?? 0) + 1);
  return [...counts].flat();
}
