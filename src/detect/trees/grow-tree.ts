import type { Random } from '../../linear/index.js';
import { countEach } from '../histogram.js';
import { edgeAt, partition } from './bins.js';
import { SplitSearch, type TreeRows, type TreeStyle } from './split-search.js';
import { type GrowingTree, splitLeaf, startTree } from './tree-nodes.js';

export interface Tree extends GrowingTree {
  /** Class counts of each leaf, as pairs of class and count. */
  readonly leaves: number[][];
}

const LEAST_LEAF = 2;

/** Grows a classification tree on the rows at `chosen`, which it reorders. */
export function growTree(rows: TreeRows, chosen: Int32Array, style: TreeStyle, random: Random): Tree {
  const tree: Tree = { ...startTree(), leaves: [] };
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
    const left = splitLeaf(tree, node, split.column, edgeAt(rows.columns, split));
    const middle = from + partition(own, rows.columns, split);
    open.push({ node: left + 1, from: middle, to }, { node: left, from, to: middle });
  }
  return tree;
}

function countsOf(chosen: Int32Array, labels: Int32Array): number[] {
  return [...countEach(chosen.map((row) => labels[row] as number))].flat();
}
