/** Hashed words and pairs of words that at least two rows have, weighted by inverse document frequency. Plain data. */
export interface WordModel {
  /** Slot → feature, −1 for none. */
  readonly numbers: Int32Array;
  /** By feature. */
  readonly weights: Float64Array;
}

const SLOTS = 2 ** 18;

/** `visitIds` gives every hash of a row; those in `gone` are no features. */
export function fitWords(
  rows: number,
  visitIds: (row: number, visit: (id: number) => void) => void,
  gone: ReadonlySet<number>,
): WordModel {
  const counts = new Uint32Array(SLOTS);
  const last = new Int32Array(SLOTS).fill(-1);
  for (let row = 0; row < rows; row++) {
    visitIds(row, (id) => {
      const slot = id % SLOTS;
      if (last[slot] === row) return;
      last[slot] = row;
      counts[slot] = (counts[slot] as number) + 1;
    });
  }
  for (const id of gone) counts[id % SLOTS] = 0;
  const numbers = new Int32Array(SLOTS).fill(-1);
  const weights: number[] = [];
  counts.forEach((count, slot) => {
    if (count < 2) return;
    numbers[slot] = weights.length;
    weights.push(Math.log(rows / count));
  });
  return { numbers, weights: Float64Array.from(weights) };
}

/** Reads rows one after the other as features of unit length. */
export function wordReader({ numbers, weights }: WordModel) {
  const last = new Uint32Array(weights.length);
  let turn = 0;
  return (visitIds: (visit: (id: number) => void) => void, visit: (feature: number, value: number) => void): void => {
    const features: number[] = [];
    let square = 0;
    turn++;
    visitIds((id) => {
      const feature = numbers[id % SLOTS] as number;
      if (feature < 0 || last[feature] === turn) return;
      last[feature] = turn;
      features.push(feature);
      square += (weights[feature] as number) ** 2;
    });
    const length = Math.sqrt(square) || 1;
    for (const feature of features) visit(feature, (weights[feature] as number) / length);
  };
}
