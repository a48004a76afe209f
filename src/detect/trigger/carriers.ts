import { addToHistogram, type Histogram } from '../histogram.js';
import type { ItemRows, VisitShards } from './count.js';
import { itemFinder } from './find-items.js';
import type { ItemSpace } from './space.js';

/** Rows that carry an item, in path order. */
export interface Carriers {
  /** Class → path → row numbers, ascending. */
  readonly rows: ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>;
  readonly count: number;
  /** Rows of the whole batch. */
  readonly batchRows: number;
  /** By class; −1 for none. */
  readonly labels: Histogram;
  /** Path → kind of row detector → carriers that it finds odd by themselves. */
  readonly shards: ReadonlyMap<string, { rows: number; readonly odd: Map<string, number> }>;
  /** Some of them, no two of which are equal. */
  readonly sample: readonly SampledRow[];
}

/** A row to look at. */
export interface SampledRow {
  readonly path: string;
  readonly row: number;
  readonly label: number;
  /** Random, and the same for the same row wherever it stands. */
  readonly digest: number;
  /** What near copies of the row share. */
  readonly signatures: Float64Array;
}

/** A row detector finds a row odd that is among its worst tenth: the widest tail that scopes are tested by. */
const ODD_P_VALUE = 0.1;
const SAMPLED_CARRIERS = 200;
/** Of each class, and of all classes together. */
const SAMPLED_OTHERS = 1000;
const MOST_OTHERS = 4000;

interface Collected {
  /** In the order of the items. */
  readonly carriers: readonly Carriers[];
  /** i × items + j → rows that carry both, for i < j. */
  readonly shared: ReadonlyMap<number, number>;
  /** Class → rows that carry none of the items. */
  readonly others: ReadonlyMap<number, readonly SampledRow[]>;
}

/** Finds out which rows carry the items, and takes samples by digest, which do not depend on the order of rows. */
export async function collectCarriers(
  visitAll: VisitShards,
  space: ItemSpace,
  items: readonly number[],
  classes: number,
): Promise<Collected> {
  const carriedBy = itemFinder(space, items);
  const open = items.map(() => new OpenCarriers());
  const shared = new Map<number, number>();
  const others = new Map<number, LeastRows>();
  const perClass = Math.min(SAMPLED_OTHERS, Math.ceil(MOST_OTHERS / Math.max(1, classes)));
  let batchRows = 0;
  await visitAll((own, path) => {
    batchRows += own.items.rows;
    for (let row = 0; row < own.items.rows; row++) {
      const carried = carriedBy(own.items, row);
      const [label, digest] = [own.labels[row] as number, digestOf(own, row)];
      const sampled = () => ({ path, row, label, digest, signatures: signaturesOf(own, row) });
      if (carried.length > 0) {
        const carrier = sampled();
        for (const index of carried) open[index]?.add(own, carrier);
        countPairs(shared, carried, items.length);
        continue;
      }
      const least = others.get(label) ?? new LeastRows(perClass);
      others.set(label, least);
      // Few of millions of rows do.
      if (least.admits(digest)) least.add(sampled());
    }
  });
  return {
    carriers: open.map((one) => one.close(batchRows)),
    shared,
    others: new Map([...others].map(([label, least]) => [label, least.rows()])),
  };
}

function digestOf({ signatures: { perRow, values } }: ItemRows, row: number): number {
  return values[row * perRow] ?? row;
}

function signaturesOf({ signatures: { perRow, values } }: ItemRows, row: number): Float64Array {
  return values.slice(row * perRow, (row + 1) * perRow);
}

function countPairs(shared: Map<number, number>, carried: readonly number[], base: number): void {
  for (const [at, a] of carried.entries()) {
    for (const b of carried.slice(at + 1)) {
      const pair = Math.min(a, b) * base + Math.max(a, b);
      shared.set(pair, (shared.get(pair) ?? 0) + 1);
    }
  }
}

/** The rows of least digest, one of each. */
class LeastRows {
  #rows = new Map<number, SampledRow>();
  #limit = Infinity;

  constructor(readonly most: number) {}

  admits(digest: number): boolean {
    return digest <= this.#limit;
  }

  add(row: SampledRow): void {
    if (!this.admits(row.digest)) return;
    const known = this.#rows.get(row.digest);
    if (known !== undefined && byPlace(known, row) <= 0) return;
    this.#rows.set(row.digest, row);
    if (this.#rows.size > 4 * this.most) this.#shrink();
  }

  rows(): SampledRow[] {
    this.#shrink();
    return [...this.#rows.values()];
  }

  #shrink(): void {
    const least = [...this.#rows].sort(([a], [b]) => a - b).slice(0, this.most);
    this.#rows = new Map(least);
    if (least.length === this.most) this.#limit = least.at(-1)?.[0] ?? this.#limit;
  }
}

function byPlace(a: SampledRow, b: SampledRow): number {
  return a.path === b.path ? a.row - b.row : a.path < b.path ? -1 : 1;
}

class OpenCarriers {
  readonly #rows = new Map<number, Map<string, number[]>>();
  readonly #shards = new Map<string, { rows: number; odd: Map<string, number> }>();
  readonly #labels: Histogram = new Map();
  readonly #sample = new LeastRows(SAMPLED_CARRIERS);
  #count = 0;

  add({ detectors }: ItemRows, sampled: SampledRow): void {
    const { path, row, label } = sampled;
    const ofLabel = this.#rows.get(label) ?? new Map<string, number[]>();
    this.#rows.set(label, ofLabel);
    const rows = ofLabel.get(path);
    if (rows === undefined) ofLabel.set(path, [row]);
    else rows.push(row);
    const shard = this.#shards.get(path) ?? { rows: 0, odd: new Map<string, number>() };
    this.#shards.set(path, shard);
    shard.rows++;
    for (const { kind, pValue } of detectors) {
      if ((pValue[row] as number) <= ODD_P_VALUE) shard.odd.set(kind, (shard.odd.get(kind) ?? 0) + 1);
    }
    addToHistogram(this.#labels, label);
    this.#sample.add(sampled);
    this.#count++;
  }

  close(batchRows: number): Carriers {
    const [rows, shards, labels] = [this.#rows, this.#shards, this.#labels];
    return { rows, shards, labels, batchRows, count: this.#count, sample: this.#sample.rows() };
  }
}
