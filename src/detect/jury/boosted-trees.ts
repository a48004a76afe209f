import { type Matrix, zeros } from '../../linear/index.js';
import { oddsOfOthers } from '../class-probabilities.js';
import { foldOf } from './bags.js';
import { binColumns } from './bins.js';
import type { ForestRows } from './forest.js';
import { type Correction, CorrectionGrower, type Slopes } from './grow-corrections.js';
import { joinNodes, leafOf, type TreeNodes } from './tree-nodes.js';

/**
 * Trees each of which corrects those before it (Friedman 2001), once without each fold of the rows. Plain data: `roots` by
 * fold, round and class.
 */
export interface BoostedTrees extends TreeNodes {
  readonly roots: Int32Array;
  readonly classes: number;
  /** folds × classes: the log odds that corrections begin with. */
  readonly starts: Float32Array;
  /** Of each leaf, what it adds to the log odds of its class. */
  readonly values: Float32Array;
}

const FOLDS = 8;
const ROUNDS = 60;
const RATE = 0.1;
/** Where there is more to look at, a tree for each class and round would take too long. */
const MOST_CLASSES = 12;
const MOST_CELLS = 2 ** 21;

/** Null where there are too many rows, columns and classes to fit so many trees. */
export function fitBoosted(rows: ForestRows): BoostedTrees | null {
  const { features, cols, classes, labels, digests } = rows;
  if (classes > MOST_CLASSES || features.rows * cols * treesPerRound(classes) > MOST_CELLS) return null;
  const grower = new CorrectionGrower(binColumns(features, cols));
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const isFitted = (row: number) => (labels[row] as number) >= 0 && foldOf(digests[row] as number, FOLDS) !== fold;
    return boost(grower, Int32Array.from(labels.keys()).filter(isFitted), rows);
  });
  const trees = folds.flatMap((fold) => fold.trees);
  const leaves = trees.map(({ values }) => values.length);
  return {
    ...joinNodes(trees, leaves),
    classes,
    starts: Float32Array.from(folds.flatMap(({ starts }) => [...starts])),
    values: Float32Array.from(trees.flatMap(({ values }) => values.map((value) => RATE * value))),
  };
}

/** Of two classes one is what the other is not. */
function treesPerRound(classes: number): number {
  return classes === 2 ? 1 : classes;
}

function boost(
  grower: CorrectionGrower,
  chosen: Int32Array,
  { features, labels, classes }: ForestRows,
): { readonly starts: Float32Array; readonly trees: Correction[] } {
  const starts = logShares(chosen, labels, classes);
  const odds = zeros(features.rows, classes);
  for (let row = 0; row < odds.rows; row++) odds.data.set(starts, row * classes);
  const trees: Correction[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [output, slopes] of slopesOf(odds, chosen, labels).entries()) {
      const tree = grower.grow(chosen, slopes);
      tree.values.forEach((value, leaf) => {
        for (let at = tree.starts[leaf] as number; at < (tree.starts[leaf + 1] as number); at++) {
          const place = (chosen[at] as number) * classes + output;
          odds.data[place] = (odds.data[place] as number) + RATE * value;
        }
      });
      trees.push(tree);
    }
  }
  return { starts, trees };
}

function logShares(chosen: Int32Array, labels: Int32Array, classes: number): Float32Array {
  const counts = new Float32Array(classes);
  for (const row of chosen) counts[labels[row] as number] = (counts[labels[row] as number] as number) + 1;
  // A class that is in no other fold is not impossible.
  return counts.map((count) => Math.log((count + 1) / (chosen.length + classes)));
}

/** Per tree of a round, of the log loss at each row, by the log odds of the tree's class. */
function slopesOf(odds: Matrix, chosen: Int32Array, labels: Int32Array): Slopes[] {
  return Array.from({ length: treesPerRound(odds.cols) }, (_, output) => {
    const gradient = new Float64Array(odds.rows);
    const curvature = new Float64Array(odds.rows);
    for (const row of chosen) {
      const probability = 1 / (1 + oddsOfOthers(output, odds, row));
      gradient[row] = probability - (labels[row] === output ? 1 : 0);
      curvature[row] = probability * (1 - probability);
    }
    return { gradient, curvature };
  });
}

/** Log odds of the classes of each row, by the trees that were grown without it and its copies: rows × classes. */
export function hearBoosted(
  { roots, classes, starts, values, ...nodes }: BoostedTrees,
  features: Matrix,
  digests: Float64Array,
): Matrix {
  const heard = zeros(features.rows, classes);
  const perRound = treesPerRound(classes);
  const folds = starts.length / classes;
  const perFold = roots.length / folds;
  for (let row = 0; row < features.rows; row++) {
    const fold = foldOf(digests[row] as number, folds);
    const own = heard.data.subarray(row * classes, (row + 1) * classes);
    own.set(starts.subarray(fold * classes, (fold + 1) * classes));
    for (let tree = 0; tree < perFold; tree++) {
      const leaf = leafOf(nodes, roots[fold * perFold + tree] as number, features, row);
      const output = tree % perRound;
      own[output] = (own[output] as number) + (values[leaf] as number);
    }
  }
  return heard;
}
