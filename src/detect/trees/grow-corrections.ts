import { type BinnedColumns, edgeAt, partition, type Split, splitAt } from './bins.js';
import { type GrowingTree, splitLeaf, startTree } from './tree-nodes.js';

/** What a tree corrects: of the loss at each row, the first derivative and the second one. */
export interface Slopes {
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
}

export interface Correction extends GrowingTree {
  /** How many. */
  readonly leaves: number;
}

export const MOST_LEAVES = 24;
/** Rows. */
export const LEAST_LEAF = 20;
/** As if so much curvature more spoke for no correction. */
export const PENALTY = 1;
/** What rounding makes is no gain. */
const LEAST_GAIN = 1e-9;
/** Of gradient, curvature and rows of a bin. */
const SUMS = 3;

interface OpenLeaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly sums: Float64Array;
  readonly split: (Split & { readonly gain: number }) | undefined;
}

/** Grows regression trees leaf by leaf, where most is gained, by histograms of the slopes (Ke et al. 2017, LightGBM). */
export class CorrectionGrower {
  /** Column → where its bins begin among all bins. */
  readonly #firstBin: Int32Array;
  readonly #bins: number;
  readonly #commonBin: Uint8Array;
  /** Row → where its cells begin among `#places`. */
  readonly #firstPlace: Int32Array;
  /** Of each row's cells but those in the commonest bin of their column: where the sums of their bin are. */
  readonly #places: Int32Array;

  constructor(readonly columns: BinnedColumns) {
    const counts = columns.edges.map(({ length }) => length + 1);
    this.#firstBin = new Int32Array(counts.length + 1);
    counts.forEach((count, column) => {
      this.#firstBin[column + 1] = (this.#firstBin[column] as number) + count;
    });
    this.#bins = this.#firstBin.at(-1) as number;
    this.#commonBin = Uint8Array.from(columns.edges.keys(), (column) =>
      commonestBin(columns.bins.subarray(column * columns.rows, (column + 1) * columns.rows)),
    );
    [this.#firstPlace, this.#places] = this.#placesOf(columns);
  }

  #placesOf({ rows, bins, edges }: BinnedColumns): [Int32Array, Int32Array] {
    const firstPlace = new Int32Array(rows + 1);
    const places = new Int32Array(bins.length);
    let end = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < edges.length; column++) {
        const bin = bins[column * rows + row] as number;
        if (bin !== this.#commonBin[column]) places[end++] = SUMS * ((this.#firstBin[column] as number) + bin);
      }
      firstPlace[row + 1] = end;
    }
    return [firstPlace, places.subarray(0, end)];
  }

  /** On the rows at `chosen`, which it reorders. */
  grow(chosen: Int32Array, slopes: Slopes): Correction {
    const tree = startTree();
    let leaves = [this.#open(0, [0, chosen.length], this.#sum(chosen, slopes))];
    while (leaves.length < MOST_LEAVES) {
      const best = leaves.reduce((a, b) => ((b.split?.gain ?? 0) > (a.split?.gain ?? 0) ? b : a));
      if (best.split === undefined) break;
      leaves = leaves.flatMap((leaf) => (leaf === best ? this.#divide(tree, leaf, chosen, slopes) : [leaf]));
    }
    leaves.forEach(({ node }, place) => {
      tree.next[node] = place;
    });
    return { ...tree, leaves: leaves.length };
  }

  /** Row → the leaf it comes to, of the rows at `chosen`. By node, not by row: what is asked for lies side by side. */
  leavesOf(tree: Correction, chosen: Int32Array): Int32Array {
    const leaves = new Int32Array(this.columns.rows);
    const settle = (node: number, rows: Int32Array): void => {
      const column = tree.column[node] as number;
      const next = tree.next[node] as number;
      if (column < 0) {
        for (let at = 0; at < rows.length; at++) leaves[rows[at] as number] = next;
        return;
      }
      const left = partition(rows, this.columns, splitAt(this.columns, column, tree.edge[node] as number));
      settle(next, rows.subarray(0, left));
      settle(next + 1, rows.subarray(left));
    };
    settle(0, chosen.slice());
    return leaves;
  }

  #divide(
    tree: GrowingTree,
    { node, from, to, sums, split }: OpenLeaf,
    chosen: Int32Array,
    slopes: Slopes,
  ): OpenLeaf[] {
    const cut = split as Split;
    const left = splitLeaf(tree, node, cut.column, edgeAt(this.columns, cut));
    const middle = from + partition(chosen.subarray(from, to), this.columns, cut);
    const isLeftSmall = middle - from <= to - middle;
    // Of the larger part the sums are what is left.
    const small = this.#sum(isLeftSmall ? chosen.subarray(from, middle) : chosen.subarray(middle, to), slopes);
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) - (small[at] as number);
    return [
      this.#open(left, [from, middle], isLeftSmall ? small : sums),
      this.#open(left + 1, [middle, to], isLeftSmall ? sums : small),
    ];
  }

  #open(node: number, [from, to]: readonly [number, number], sums: Float64Array): OpenLeaf {
    return { node, from, to, sums, split: to - from < 2 * LEAST_LEAF ? undefined : this.#seek(sums, to - from) };
  }

  #sum(chosen: Int32Array, { gradient, curvature }: Slopes): Float64Array {
    const sums = new Float64Array(SUMS * this.#bins);
    let [slope, curve] = [0, 0];
    for (let at = 0; at < chosen.length; at++) {
      const row = chosen[at] as number;
      const [own, curved] = [gradient[row] as number, curvature[row] as number];
      slope += own;
      curve += curved;
      // Row by row: by column, each sum would wait for the one before it, which is often of the same bin.
      const end = this.#firstPlace[row + 1] as number;
      for (let cell = this.#firstPlace[row] as number; cell < end; cell++) {
        const place = this.#places[cell] as number;
        sums[place] = (sums[place] as number) + own;
        sums[place + 1] = (sums[place + 1] as number) + curved;
        sums[place + 2] = (sums[place + 2] as number) + 1;
      }
    }
    const all = [slope, curve, chosen.length] as const;
    for (let column = 0; column < this.columns.edges.length; column++) this.#fillCommon(sums, column, all);
    return sums;
  }

  /** Gives the commonest bin of a column what the others leave: most rows of a column that says yes or no are in one. */
  #fillCommon(sums: Float64Array, column: number, all: readonly [number, number, number]): void {
    const [first, end] = [this.#firstBin[column] as number, this.#firstBin[column + 1] as number];
    let [gradient, curvature, rows] = all;
    for (let bin = first; bin < end; bin++) {
      gradient -= sums[SUMS * bin] as number;
      curvature -= sums[SUMS * bin + 1] as number;
      rows -= sums[SUMS * bin + 2] as number;
    }
    sums.set([gradient, curvature, rows], SUMS * (first + (this.#commonBin[column] as number)));
  }

  /** Gradient and curvature of all rows, by the bins of the first column. */
  #total(sums: Float64Array): [number, number] {
    let [gradient, curvature] = [0, 0];
    for (let bin = 0; bin < (this.#firstBin[1] as number); bin++) {
      gradient += sums[SUMS * bin] as number;
      curvature += sums[SUMS * bin + 1] as number;
    }
    return [gradient, curvature];
  }

  #seek(sums: Float64Array, rows: number): OpenLeaf['split'] {
    const [gradient, curvature] = this.#total(sums);
    const none = gradient ** 2 / (curvature + PENALTY);
    let best: OpenLeaf['split'];
    for (let column = 0; column < this.columns.edges.length; column++) {
      const first = this.#firstBin[column] as number;
      const end = (this.#firstBin[column + 1] as number) - 1;
      let [ofLeft, curved, count] = [0, 0, 0];
      for (let bin = first; bin < end; bin++) {
        ofLeft += sums[SUMS * bin] as number;
        curved += sums[SUMS * bin + 1] as number;
        count += sums[SUMS * bin + 2] as number;
        if (count < LEAST_LEAF) continue;
        if (rows - count < LEAST_LEAF) break;
        const ofRight = gradient - ofLeft;
        const gain = ofLeft ** 2 / (curved + PENALTY) + ofRight ** 2 / (curvature - curved + PENALTY) - none;
        if (gain > (best?.gain ?? LEAST_GAIN)) best = { column, bin: bin - first, gain };
      }
    }
    return best;
  }
}

function commonestBin(bins: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (let row = 0; row < bins.length; row++) counts[bins[row] as number] = (counts[bins[row] as number] as number) + 1;
  return counts.indexOf(Math.max(...counts));
}
