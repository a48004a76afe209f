import { seededRandom } from '../linear/index.js';

/**
 * How many of each sender's rows make up a whole of which none has more than a share; `uncapped` rows belong to it in any
 * case.
 */
export function capShares(rows: readonly number[], share: number, uncapped: number): number[] {
  let kept = [...rows];
  for (;;) {
    const total = kept.reduce((sum, count) => sum + count, uncapped);
    const most = Math.floor(share * total);
    const next = kept.map((count) => Math.min(count, most));
    if (next.every((count, index) => count === kept[index])) return kept;
    kept = next;
  }
}

/** For each of `all` rows whether it is left out: `kept` stay, drawn by the seed, as what recurs may recur at any interval. */
export function leaveOut(all: number, kept: number, seed: string): Uint8Array {
  const random = seededRandom(seed);
  const isLeftOut = new Uint8Array(all);
  let toKeep = kept;
  for (let row = 0; row < all; row++) {
    const isKept = random() * (all - row) < toKeep;
    if (isKept) toKeep--;
    else isLeftOut[row] = 1;
  }
  return isLeftOut;
}
