import { type Matrix, seededRandom, zeros } from '../../linear/index.js';
import { isInBag } from './bags.js';
import { binColumns } from './bins.js';
import { growTree, type Tree } from './grow-tree.js';
import { joinNodes, leafOf, type TreeNodes } from './tree-nodes.js';

/** Classification trees, each grown without about half of the rows. Plain data. */
export interface Forest extends TreeNodes {
  /** Columns of the features that it looks at, the first ones. */
  readonly cols: number;
  readonly classes: number;
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Where the classes of each leaf start, and where the last ones end. */
  readonly leafStarts: Int32Array;
  readonly leafClasses: Uint16Array;
  /** Share of the leaf's rows. */
  readonly leafShares: Float32Array;
}

const TREES = 150;

export interface ForestRows {
  readonly features: Matrix;
  /** Columns to look at, the first ones. */
  readonly cols: number;
  readonly labels: Int32Array;
  readonly classes: number;
  /** Equal for copies of a row. */
  readonly digests: Float64Array;
}

/** Grows trees by the best edges and by random ones in turn, on the rows that have a class: their faults differ. */
export function fitForest(rows: ForestRows, seed: string): Forest {
  const { features, cols, labels, classes, digests } = rows;
  const columns = binColumns(features, cols);
  const tried = Math.max(1, Math.round(Math.sqrt(cols)));
  const trees = Array.from({ length: TREES }, (_, tree) => {
    const inBag = bagOf(tree, digests, labels);
    const edge = tree % 2 === 0 ? 'best' : 'random';
    // Its own seed: a row has no bearing on the trees that are grown without it.
    return growTree({ columns, labels, classes }, inBag, { tried, edge }, seededRandom(`${seed}/tree ${tree}`));
  });
  return { cols, classes, ...joinTrees(trees) };
}

function bagOf(tree: number, digests: Float64Array, labels: Int32Array): Int32Array {
  const rows: number[] = [];
  digests.forEach((digest, row) => {
    if ((labels[row] as number) >= 0 && isInBag(digest, tree)) rows.push(row);
  });
  return Int32Array.from(rows);
}

/**
 * Class probabilities of each row by the trees that were grown without it and its copies: rows × classes. Which they are
 * depends on its digest alone, so that a row that no tree has seen is judged by as many.
 */
export function voteOutOfBag(forest: Forest, features: Matrix, digests: Float64Array): Matrix {
  const votes = zeros(features.rows, forest.classes);
  for (let row = 0; row < features.rows; row++) {
    const own = votes.data.subarray(row * forest.classes, (row + 1) * forest.classes);
    let voters = 0;
    forest.roots.forEach((root, tree) => {
      if (isInBag(digests[row] as number, tree)) return;
      voters++;
      addVote(own, forest, leafOf(forest, root, features, row));
    });
    for (let c = 0; c < own.length; c++) own[c] = voters === 0 ? 1 / own.length : (own[c] as number) / voters;
  }
  return votes;
}

function addVote(votes: Float32Array, { leafStarts, leafClasses, leafShares }: Forest, leaf: number): void {
  const end = leafStarts[leaf + 1] as number;
  for (let at = leafStarts[leaf] as number; at < end; at++) {
    const label = leafClasses[at] as number;
    votes[label] = (votes[label] as number) + (leafShares[at] as number);
  }
}

function joinTrees(trees: readonly Tree[]): Omit<Forest, 'cols' | 'classes'> {
  const [leafStarts, leafClasses, leafShares]: [number[], number[], number[]] = [[0], [], []];
  for (const leaf of trees.flatMap(({ leaves }) => leaves)) {
    const rows = leaf.reduce((sum, value, at) => sum + (at % 2 === 1 ? value : 0), 0);
    for (let at = 0; at < leaf.length; at += 2) {
      leafClasses.push(leaf[at] as number);
      leafShares.push((leaf[at + 1] as number) / rows);
    }
    leafStarts.push(leafClasses.length);
  }
  const leaves = trees.map((tree) => tree.leaves.length);
  return {
    ...joinNodes(trees, leaves),
    leafStarts: Int32Array.from(leafStarts),
    leafClasses: Uint16Array.from(leafClasses),
    leafShares: Float32Array.from(leafShares),
  };
}
