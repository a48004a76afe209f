/** What rows carry, each item by a number below `size`. */
export interface NumberedItems {
  readonly size: number;
  idOf(index: number): number;
  /** Calls `visit` with items of a row, each once, until it had all of every row; the rows of an item ascend. */
  visitAll(visit: (items: Uint32Array, row: number) => void): void;
}

/** An item of which nearly all carriers have one label. */
export interface PureItem {
  /** A hash, or −1 − its cell. */
  readonly item: number;
  readonly target: number;
  /** Ascending, of any class. */
  readonly carriers: Int32Array;
  /** Those of the target. */
  readonly own: Int32Array;
  /** Of so many carriers having the target's label, were labels drawn by the classes' shares. */
  readonly chance: number;
}

export interface Purity {
  readonly leastRows: number;
  /** Of the target among carriers. */
  readonly share: number;
  readonly mostChance: number;
  /** Of all rows; half of them where left out. */
  readonly mostShare?: number;
  /** What else is asked of an item that so many rows carry, and so many of them of its target. */
  readonly admits?: ((index: number, target: number, own: number, carriers: number) => boolean) | undefined;
}

/** `labels`: row → class. Rows without a class count for nothing. */
export function findPure(
  items: NumberedItems,
  labels: Int32Array,
  classes: number,
  { leastRows, share, mostChance, mostShare = 0.5, admits = () => true }: Purity,
): PureItem[] {
  const { counts, votes, leads } = countVotes(items, labels);
  const labelled = labels.filter((label) => label >= 0).length;
  const shares = new Float64Array(classes);
  for (const label of labels) if (label >= 0) shares[label] = (shares[label] as number) + 1 / labelled;
  const tail = binomialTails(labelled);
  const mayBePure = counts.map((count, index) => {
    // Every row of another class takes at most one vote from the lead.
    const leastVotes = Math.floor((2 * share - 1) * count);
    return Number(count >= leastRows && count <= mostShare * labelled && (votes[index] as number) >= leastVotes);
  });
  return carriersOf(items, labels, mayBePure).flatMap(([index, carriers]) => {
    const target = leads[index] as number;
    const own = carriers.filter((row) => labels[row] === target);
    if (own.length < share * carriers.length) return [];
    const chance = tail(own.length, carriers.length, shares[target] as number);
    if (chance > mostChance || !admits(index, target, own.length, carriers.length)) return [];
    return [{ item: items.idOf(index), target, carriers, own, chance }];
  });
}

/** How many rows carry each item, and the only class that more than half of them can have (Boyer and Moore 1981). */
function countVotes(items: NumberedItems, labels: Int32Array) {
  const [counts, votes] = [new Uint32Array(items.size), new Uint32Array(items.size)];
  const leads = new Int32Array(items.size);
  items.visitAll((own, row) => {
    const label = labels[row] as number;
    if (label < 0) return;
    for (const index of own) {
      counts[index] = (counts[index] as number) + 1;
      const lead = votes[index] as number;
      if (lead === 0) leads[index] = label;
      votes[index] = lead === 0 || leads[index] === label ? lead + 1 : lead - 1;
    }
  });
  return { counts, votes, leads };
}

/** The rows with a class that carry each item that `isWanted` has a one for. */
function carriersOf(items: NumberedItems, labels: Int32Array, isWanted: ArrayLike<number>): [number, Int32Array][] {
  const carriers = new Map<number, number[]>();
  items.visitAll((own, row) => {
    if ((labels[row] as number) < 0) return;
    for (const index of own) {
      if (isWanted[index] === 0) continue;
      const known = carriers.get(index);
      if (known === undefined) carriers.set(index, [row]);
      else known.push(row);
    }
  });
  return [...carriers].map(([index, rows]) => [index, Int32Array.from(rows)]);
}

/** P(X ≥ least) of a binomial law of up to `most` draws. */
export function binomialTails(most: number): (least: number, draws: number, share: number) => number {
  const logFactorials = new Float64Array(most + 1);
  for (let i = 1; i <= most; i++) logFactorials[i] = (logFactorials[i - 1] as number) + Math.log(i);
  return (least, draws, share) => {
    if (share <= 0 || share >= 1) return 1;
    const ratio = share / (1 - share);
    let term = Math.exp(
      (logFactorials[draws] as number) -
        (logFactorials[least] as number) -
        (logFactorials[draws - least] as number) +
        least * Math.log(share) +
        (draws - least) * Math.log(1 - share),
    );
    let sum = 0;
    for (let k = least; k <= draws; k++) {
      sum += term;
      term *= ((draws - k) / (k + 1)) * ratio;
    }
    return Math.min(1, sum);
  };
}

/** Target → its items, targets ascending. */
export function byTarget(items: readonly PureItem[]): [number, PureItem[]][] {
  const targets = new Map<number, PureItem[]>();
  for (const one of items) {
    const own = targets.get(one.target);
    if (own === undefined) targets.set(one.target, [one]);
    else own.push(one);
  }
  return [...targets].sort(([a], [b]) => a - b);
}

/** i × items + j → rows that carry both, for i < j. */
export function sharedCarriers(found: readonly PureItem[]): Map<number, number> {
  const shared = new Map<number, number>();
  const known = found.map(({ carriers }) => new Set(carriers));
  found.forEach(({ carriers }, j) => {
    for (let i = 0; i < j; i++) {
      const both = carriers.filter((row) => known[i]?.has(row)).length;
      if (both > 0) shared.set(i * found.length + j, both);
    }
  });
  return shared;
}
