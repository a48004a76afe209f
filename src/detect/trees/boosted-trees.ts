import { type Matrix, zeros } from '../../linear/index.js';
import { compiled, shareWork } from '../../process/index.js';
import { classRows } from '../calibration.js';
import { isInSample, partOf } from './bags.js';
import { type BinnedColumns, binColumns } from './bins.js';
import type { ForestRows } from './forest.js';
import {
  type Correction,
  CorrectionGrower,
  LEAST_LEAF,
  MOST_LEAVES,
  PENALTY,
  type Slopes,
} from './grow-corrections.js';
import { joinNodes, leafOf, type TreeNodes } from './tree-nodes.js';

/** Trees each of which corrects those before it (Friedman 2001), once for each part of the rows. Plain data. */
export interface BoostedTrees extends TreeNodes {
  /** By part, round and corrected class. */
  readonly roots: Int32Array;
  readonly classes: number;
  /** Classes that trees correct. */
  readonly corrected: Int32Array;
  /** parts × classes: the log odds that corrections begin with. */
  readonly starts: Float32Array;
  /** Of each leaf, what it adds to the log odds of its class. */
  readonly values: Float32Array;
}

const ENTRY = compiled('detect/trees/boost-worker.js');
/** Rows, times columns and trees: with fewer a thread would start for less than a second of work. */
const MANY_CELLS = 5e7;
const PARTS = 8;
const ROUNDS = 60;
const RATE = 0.1;
/** With more a tree for each class and round takes too long. */
const MOST_CLASSES = 32;
/** Of a round: rows and the bins of leaves, times columns and trees. Of more rows, so many are fitted on. */
const MOST_CELLS = 2 ** 21;
const LEAST_ROWS = 1000;
/** Less at a row, and where a tree splits does not depend on it. */
const LEAST_GRADIENT = 0.005;

/** What bounds a fit. */
export interface FitLimits {
  /** Of classes with rows enough. */
  readonly mostClasses?: number;
  readonly leastRows?: number;
}

/**
 * Fits trees for each part of the rows, which digests make, on the others; null where there are too many columns and classes
 * for the time that it may take, or too few rows.
 */
export function fitByPart(rows: ForestRows, limits: FitLimits = {}): BoostedTrees | null {
  return grow(rows, PARTS, limits);
}

/** Fits trees on all rows, to judge others by; null as there. */
export function fitWhole(rows: ForestRows, limits: FitLimits = {}): BoostedTrees | null {
  return grow(rows, 1, limits);
}

/** What trees are fitted on. Plain data. */
interface RowsToFit {
  readonly sample: ForestRows;
  readonly columns: BinnedColumns;
  readonly corrected: Int32Array;
  readonly parts: number;
  /** Of the rows, so that a fit takes no longer than it may. */
  readonly share: number;
}

/** Fits trees for one part of the rows on the others; where there is but one, on all. */
export function fitPart({ sample, columns, corrected, parts, share }: RowsToFit, part: number): FittedPart {
  const isOther = (digest: number) => parts === 1 || partOf(digest, parts) !== part;
  const chosen = Int32Array.from(sample.labels.keys()).filter((row) => {
    const digest = sample.digests[row] as number;
    return isOther(digest) && isInSample(digest, share);
  });
  return boost(new CorrectionGrower(columns), chosen, corrected, sample);
}

function grow(
  rows: ForestRows,
  parts: number,
  { mostClasses = MOST_CLASSES, leastRows = LEAST_ROWS }: FitLimits,
): BoostedTrees | null {
  const { cols, classes } = rows;
  const corrected = correctedClasses(rows.labels, classes);
  const cells = MOST_CELLS / Math.max(1, corrected.length);
  if (cols === 0 || corrected.length > mostClasses || Math.min(rows.features.rows, cells / cols) < leastRows)
    return null;
  const sample = drawRows(rows, cells / cols);
  const columns = binColumns(sample.features, cols);
  const bins = columns.edges.reduce((sum, { length }) => sum + length + 1, 0);
  const most = (cells - MOST_LEAVES * bins) / cols;
  if (most < Math.max(1, leastRows)) return null;
  const toFit: RowsToFit = { sample, columns, corrected, parts, share: most / rows.features.rows };
  const cellsOfAll = parts * ROUNDS * corrected.length * sample.features.rows * cols;
  const fitted = shareWork(ENTRY, toFit, parts, fitPart, cellsOfAll < MANY_CELLS ? 1 : undefined);
  const trees = fitted.flatMap((part) => part.trees);
  const leaves = trees.map(({ values }) => values.length);
  return {
    ...joinNodes(
      trees.map(({ tree }) => tree),
      leaves,
    ),
    classes,
    corrected,
    starts: Float32Array.from(fitted.flatMap(({ starts }) => [...starts])),
    values: Float32Array.from(trees.flatMap(({ values }) => [...values].map((value) => RATE * value))),
  };
}

/** About so many of the rows that have a class, by digest and in its order: whatever order they come in. */
function drawRows({ features, cols, labels, classes, digests }: ForestRows, most: number): ForestRows {
  const chosen = [...labels.keys()]
    .filter((row) => (labels[row] as number) >= 0 && isInSample(digests[row] as number, most / features.rows))
    .sort((a, b) => (digests[a] as number) - (digests[b] as number));
  const drawn = zeros(chosen.length, cols);
  chosen.forEach((row, at) => {
    drawn.data.set(features.data.subarray(row * features.cols, row * features.cols + cols), at * cols);
  });
  return {
    features: drawn,
    cols,
    labels: Int32Array.from(chosen, (row) => labels[row] as number),
    classes,
    digests: Float64Array.from(chosen, (row) => digests[row] as number),
  };
}

/** Those with rows enough for a leaf; of two classes one, as the other is what it is not. */
function correctedClasses(labels: Int32Array, classes: number): Int32Array {
  const counts = classRows(labels, classes, Int32Array.from(labels.keys()));
  const enough = Int32Array.from(counts.keys()).filter((index) => (counts[index] as number) >= LEAST_LEAF);
  return classes === 2 ? enough.slice(0, 1) : enough;
}

/** Of one part. */
interface FittedPart {
  readonly starts: Float32Array;
  readonly trees: readonly ValuedTree[];
}

interface ValuedTree {
  readonly tree: Correction;
  /** Of each leaf, what it adds at full rate. */
  readonly values: Float64Array;
}

function boost(
  grower: CorrectionGrower,
  chosen: Int32Array,
  corrected: Int32Array,
  { features, labels, classes }: ForestRows,
): FittedPart {
  const starts = logShares(chosen, labels, classes);
  const odds = zeros(features.rows, classes);
  for (let row = 0; row < odds.rows; row++) odds.data.set(starts, row * classes);
  const trees: ValuedTree[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, slopes] of slopesOf(odds, chosen, labels, corrected).entries()) {
      // Most rows are sure not to be of one class among many.
      const unsure = chosen.filter((row) => Math.abs(slopes.gradient[row] as number) > LEAST_GRADIENT);
      const tree = grower.grow(unsure, slopes);
      const leaves = grower.leavesOf(tree, chosen);
      const values = leafValues(leaves, tree.leaves, chosen, slopes);
      const output = corrected[at] as number;
      for (const row of chosen) {
        const place = row * classes + output;
        odds.data[place] = (odds.data[place] as number) + RATE * (values[leaves[row] as number] as number);
      }
      trees.push({ tree, values });
    }
  }
  return { starts, trees };
}

/** Newton's step in each leaf, of all rows there: of those alone that contradict it, it would overshoot. */
function leafValues(leaves: Int32Array, count: number, chosen: Int32Array, slopes: Slopes): Float64Array {
  const gradient = new Float64Array(count);
  const curvature = new Float64Array(count).fill(PENALTY);
  for (const row of chosen) {
    const leaf = leaves[row] as number;
    gradient[leaf] = (gradient[leaf] as number) + (slopes.gradient[row] as number);
    curvature[leaf] = (curvature[leaf] as number) + (slopes.curvature[row] as number);
  }
  return gradient.map((sum, leaf) => -sum / (curvature[leaf] as number));
}

function logShares(chosen: Int32Array, labels: Int32Array, classes: number): Float32Array {
  // A class that is in no other part is not impossible.
  const logShare = (rows: number) => Math.log((rows + 1) / (chosen.length + classes));
  return Float32Array.from(classRows(labels, classes, chosen), logShare);
}

/** For each corrected class, of the log loss at each row by its log odds. */
function slopesOf(odds: Matrix, chosen: Int32Array, labels: Int32Array, corrected: Int32Array): Slopes[] {
  const slopes = Array.from(corrected, () => ({
    gradient: new Float64Array(odds.rows),
    curvature: new Float64Array(odds.rows),
  }));
  /** Class → how many times as probable as the row's own. */
  const ratios = new Float64Array(odds.cols);
  for (const row of chosen) {
    const own = labels[row] as number;
    const at = row * odds.cols;
    const base = odds.data[at + own] as number;
    let others = 0;
    for (let output = 0; output < odds.cols; output++) {
      const ratio = Math.exp((odds.data[at + output] as number) - base);
      ratios[output] = ratio;
      if (output !== own) others += ratio;
    }
    for (let index = 0; index < corrected.length; index++) {
      const output = corrected[index] as number;
      const { gradient, curvature } = slopes[index] as Slopes;
      const probability = (ratios[output] as number) / (1 + others);
      gradient[row] = probability - (own === output ? 1 : 0);
      curvature[row] = probability * (1 - probability);
    }
  }
  return slopes;
}

/** Log odds of the classes, rows × classes: of each row by the trees of its part, which have not seen it or its copies. */
export function hearByPart(trees: BoostedTrees, features: Matrix, digests: Float64Array): Matrix {
  const parts = trees.starts.length / trees.classes;
  return hear(trees, features, (row) => partOf(digests[row] as number, parts));
}

/** The same for rows that were not fitted on. */
export function hearWhole(trees: BoostedTrees, features: Matrix): Matrix {
  return hear(trees, features, () => 0);
}

function hear(trees: BoostedTrees, features: Matrix, partOfRow: (row: number) => number): Matrix {
  const { roots, classes, corrected, starts, values } = trees;
  const heard = zeros(features.rows, classes);
  const perPart = (roots.length * classes) / starts.length;
  for (let row = 0; row < features.rows; row++) {
    const part = partOfRow(row);
    const at = row * classes;
    for (let c = 0; c < classes; c++) heard.data[at + c] = starts[part * classes + c] as number;
    for (let tree = 0; tree < perPart; tree++) {
      const leaf = leafOf(trees, roots[part * perPart + tree] as number, features, row);
      const place = at + (corrected[tree % corrected.length] as number);
      heard.data[place] = (heard.data[place] as number) + (values[leaf] as number);
    }
  }
  return heard;
}
