import type { Matrix } from '../../linear/index.js';

/** Nodes of trees, one after the other: children after their parents, side by side. */
export interface TreeNodes {
  /** Column that a node asks for, −1 for a leaf. */
  readonly column: Int32Array;
  /** Values up to it go left. */
  readonly edge: Float32Array;
  /** Left child, the right one being the next; of a leaf, its place among leaves. */
  readonly next: Int32Array;
}

/** The place of the leaf that a row comes to from the node `root`. */
export function leafOf({ column, edge, next }: TreeNodes, root: number, { data, cols }: Matrix, row: number): number {
  let node = root;
  for (let asked = column[node] as number; asked >= 0; asked = column[node] as number) {
    const isLeft = (data[row * cols + asked] as number) <= (edge[node] as number);
    node = (next[node] as number) + (isLeft ? 0 : 1);
  }
  return next[node] as number;
}

/** A tree as it grows. */
export interface GrowingTree {
  readonly column: number[];
  readonly edge: number[];
  readonly next: number[];
}

/** One leaf, whose place is still to be said. */
export function startTree(): GrowingTree {
  return { column: [-1], edge: [0], next: [-1] };
}

/** Makes a leaf a node that asks for a column; returns its left child, the right one being the next. */
export function splitLeaf({ column, edge, next }: GrowingTree, leaf: number, asked: number, at: number): number {
  const left = column.length;
  column[leaf] = asked;
  edge[leaf] = at;
  next[leaf] = left;
  column.push(-1, -1);
  edge.push(0, 0);
  next.push(-1, -1);
  return left;
}

/** Puts trees one after the other; `leaves`: how many each of them has. */
export function joinNodes(trees: readonly GrowingTree[], leaves: readonly number[]): TreeNodes & { roots: Int32Array } {
  const [column, edge, next, roots]: [number[], number[], number[], number[]] = [[], [], [], []];
  let firstLeaf = 0;
  trees.forEach((tree, index) => {
    const firstNode = column.length;
    roots.push(firstNode);
    tree.column.forEach((asked, node) => {
      column.push(asked);
      edge.push(tree.edge[node] as number);
      next.push((tree.next[node] as number) + (asked < 0 ? firstLeaf : firstNode));
    });
    firstLeaf += leaves[index] as number;
  });
  return {
    column: Int32Array.from(column),
    edge: Float32Array.from(edge),
    next: Int32Array.from(next),
    roots: Int32Array.from(roots),
  };
}
