import type { Random } from '../../linear/index.js';
import type { BinnedColumns, Split } from './bins.js';

/** Rows to grow trees on. */
export interface TreeRows {
  readonly columns: BinnedColumns;
  readonly labels: Int32Array;
  readonly classes: number;
}

/** How a tree is grown. */
export interface TreeStyle {
  /** Columns looked at for a split. */
  readonly tried: number;
  /** The best edge of a column, or one at random (extra trees, Geurts et al. 2006). */
  readonly edge: 'best' | 'random';
}

const BINS = 256;
/** So few rows are sorted sooner than 256 bins are gone through; most nodes have fewer. */
const MOST_INSERTED = 48;
/** Columns that do not vary among a node's rows are passed over, so many times as many as are to be tried. */
const MOST_LOOKS = 3;

/** Finds splits of least Gini impurity among columns drawn at random. */
export class SplitSearch {
  readonly #order: Int32Array;
  /** One more: where the next bin begins. */
  readonly #starts = new Int32Array(BINS + 1);
  /** Of a node's rows in the order of a column: bins, and labels. */
  readonly #bins: Uint8Array;
  readonly #sorted: Int32Array;
  readonly #total: Int32Array;
  readonly #left: Int32Array;
  /** Of the column looked at last. */
  #gain = 0;
  #bin = 0;

  constructor(
    readonly rows: TreeRows,
    readonly style: TreeStyle & { readonly leastLeaf: number },
    readonly random: Random,
  ) {
    this.#order = Int32Array.from({ length: rows.columns.edges.length }, (_, column) => column);
    this.#bins = new Uint8Array(rows.columns.rows);
    this.#sorted = new Int32Array(rows.columns.rows);
    this.#total = new Int32Array(rows.classes);
    this.#left = new Int32Array(rows.classes);
  }

  /** Undefined when the rows are of one class or nothing tells them apart. */
  find(chosen: Int32Array): Split | undefined {
    const squares = this.#count(chosen);
    if (squares === chosen.length ** 2) return undefined;
    const { tried, edge } = this.style;
    const columns = this.#order.length;
    let best: (Split & { gain: number }) | undefined;
    let varying = 0;
    for (let look = 0; look < Math.min(columns, MOST_LOOKS * tried) && varying < tried; look++) {
      const column = this.#draw(look);
      if (!this.#spread(chosen, column)) continue;
      varying++;
      if (edge === 'best') this.#seekBest(chosen, squares);
      else this.#seekRandom(chosen, squares);
      if (this.#gain > (best?.gain ?? 0)) best = { column, bin: this.#bin, gain: this.#gain };
    }
    return best;
  }

  /** A column not drawn yet in this search, put in place `look`. */
  #draw(look: number): number {
    const order = this.#order;
    const at = look + Math.floor(this.random() * (order.length - look));
    const column = order[at] as number;
    order[at] = order[look] as number;
    order[look] = column;
    return column;
  }

  /** Counts classes; returns the sum of squares. */
  #count(chosen: Int32Array): number {
    const total = this.#total.fill(0);
    for (let at = 0; at < chosen.length; at++) {
      const label = this.rows.labels[chosen[at] as number] as number;
      total[label] = (total[label] as number) + 1;
    }
    return total.reduce((sum, count) => sum + count * count, 0);
  }

  /** Sorts the rows' labels by bin; false when all rows share one. */
  #spread(chosen: Int32Array, column: number): boolean {
    const { bins, rows } = this.rows.columns;
    const own = bins.subarray(column * rows, (column + 1) * rows);
    const first = own[chosen[0] as number];
    let at = 1;
    while (at < chosen.length && own[chosen[at] as number] === first) at++;
    if (at === chosen.length) return false;
    if (chosen.length <= MOST_INSERTED) this.#insertAll(chosen, own);
    else this.#countAll(chosen, own);
    return true;
  }

  #insertAll(chosen: Int32Array, bins: Uint8Array): void {
    for (let at = 0; at < chosen.length; at++) {
      const row = chosen[at] as number;
      const bin = bins[row] as number;
      let place = at;
      for (; place > 0 && (this.#bins[place - 1] as number) > bin; place--) {
        this.#bins[place] = this.#bins[place - 1] as number;
        this.#sorted[place] = this.#sorted[place - 1] as number;
      }
      this.#bins[place] = bin;
      this.#sorted[place] = this.rows.labels[row] as number;
    }
  }

  #countAll(chosen: Int32Array, bins: Uint8Array): void {
    const starts = this.#starts.fill(0);
    for (let at = 0; at < chosen.length; at++) {
      const next = (bins[chosen[at] as number] as number) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let bin = 1; bin <= BINS; bin++) starts[bin] = (starts[bin] as number) + (starts[bin - 1] as number);
    for (let at = 0; at < chosen.length; at++) {
      const row = chosen[at] as number;
      const bin = bins[row] as number;
      const place = starts[bin] as number;
      this.#bins[place] = bin;
      this.#sorted[place] = this.rows.labels[row] as number;
      starts[bin] = place + 1;
    }
  }

  #seekBest(chosen: Int32Array, squares: number): void {
    const count = chosen.length;
    const left = this.#left.fill(0);
    const { leastLeaf } = this.style;
    this.#gain = 0;
    let [leftSquares, rightSquares] = [0, squares];
    const none = squares / count;
    for (let at = 1; at < count; at++) {
      const label = this.#sorted[at - 1] as number;
      const seen = left[label] as number;
      leftSquares += 2 * seen + 1;
      rightSquares -= 2 * ((this.#total[label] as number) - seen) - 1;
      left[label] = seen + 1;
      const isEdge = this.#bins[at - 1] !== this.#bins[at];
      if (!isEdge || at < leastLeaf || count - at < leastLeaf) continue;
      const gain = leftSquares / at + rightSquares / (count - at) - none;
      if (gain <= this.#gain) continue;
      this.#gain = gain;
      this.#bin = this.#bins[at - 1] as number;
    }
  }

  #seekRandom(chosen: Int32Array, squares: number): void {
    const count = chosen.length;
    const low = this.#bins[0] as number;
    const bin = low + Math.floor(this.random() * ((this.#bins[count - 1] as number) - low));
    let end = 1;
    while ((this.#bins[end] as number) <= bin) end++;
    this.#gain = 0;
    this.#bin = bin;
    if (end < this.style.leastLeaf || count - end < this.style.leastLeaf) return;
    const left = this.#left.fill(0);
    for (let at = 0; at < end; at++)
      left[this.#sorted[at] as number] = (left[this.#sorted[at] as number] as number) + 1;
    let [leftSquares, rightSquares] = [0, 0];
    for (let label = 0; label < left.length; label++) {
      const own = left[label] as number;
      leftSquares += own * own;
      rightSquares += ((this.#total[label] as number) - own) ** 2;
    }
    this.#gain = leftSquares / end + rightSquares / (count - end) - squares / count;
  }
}
