import type { Random } from '../../linear/index.js';
import type { BinnedColumns } from './bins.js';

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

/** Rows in bins up to `bin` of the column go left. */
export interface Split {
  readonly column: number;
  readonly bin: number;
}

const BINS = 256;
/** Columns that do not vary among a node's rows are passed over, so many times as many as are to be tried. */
const MOST_LOOKS = 3;

/** Finds splits of least Gini impurity among columns drawn at random. */
export class SplitSearch {
  readonly #order: Int32Array;
  /** One more: where the next bin begins. */
  readonly #starts = new Int32Array(BINS + 1);
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

  /** Sorts labels by bin; false when all rows share one. */
  #spread(chosen: Int32Array, column: number): boolean {
    const { columns, labels } = this.rows;
    const starts = this.#starts.fill(0);
    const first = column * columns.rows;
    for (let at = 0; at < chosen.length; at++) {
      const bin = (columns.bins[first + (chosen[at] as number)] as number) + 1;
      starts[bin] = (starts[bin] as number) + 1;
    }
    for (let bin = 1; bin <= BINS; bin++) {
      if (starts[bin] === chosen.length) return false;
      starts[bin] = (starts[bin] as number) + (starts[bin - 1] as number);
    }
    for (let at = 0; at < chosen.length; at++) {
      const row = chosen[at] as number;
      const bin = columns.bins[first + row] as number;
      const place = starts[bin] as number;
      this.#sorted[place] = labels[row] as number;
      // Each start moves to its bin's end.
      starts[bin] = place + 1;
    }
    return true;
  }

  #seekBest(chosen: Int32Array, squares: number): void {
    const count = chosen.length;
    const left = this.#left.fill(0);
    const { leastLeaf } = this.style;
    this.#gain = 0;
    let [leftSquares, rightSquares, at] = [0, squares, 0];
    const none = squares / count;
    for (let bin = 0; at < count; bin++) {
      const end = this.#starts[bin] as number;
      if (end === at) continue;
      for (; at < end; at++) {
        const label = this.#sorted[at] as number;
        const seen = left[label] as number;
        leftSquares += 2 * seen + 1;
        rightSquares -= 2 * ((this.#total[label] as number) - seen) - 1;
        left[label] = seen + 1;
      }
      if (at < leastLeaf || count - at < leastLeaf) continue;
      const gain = leftSquares / at + rightSquares / (count - at) - none;
      if (gain <= this.#gain) continue;
      this.#gain = gain;
      this.#bin = bin;
    }
  }

  #seekRandom(chosen: Int32Array, squares: number): void {
    const count = chosen.length;
    const starts = this.#starts;
    let [low, high] = [0, BINS - 1];
    while (starts[low] === 0) low++;
    while (starts[high - 1] === count) high--;
    const bin = low + Math.floor(this.random() * (high - low));
    const end = starts[bin] as number;
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
