import { seededRandom } from '../linear/index.js';

/** Rows under the same signatures. */
export interface SignedRows {
  /** Empty: nobody who is trusted, which counts as one signer. */
  readonly signers: readonly string[];
  readonly rows: number;
}

/**
 * How many rows of each group make up a whole of which no signer stands behind more than a share, alone and with others
 * together; `uncapped` rows belong to it in any case. Rows of several signers give way first: they count towards each.
 */
export function capShares(groups: readonly SignedRows[], share: number, uncapped: number): number[] {
  const kept = groups.map(({ rows }) => rows);
  const loads = groupsOfSigners(groups);
  for (;;) {
    const most = Math.floor(share * sumOf(kept, uncapped));
    const [heaviest, load] = mostLoaded(loads, kept);
    if (load <= most) return kept;
    let excess = load - most;
    for (const index of heaviest) {
      const taken = Math.min(excess, kept[index] ?? 0);
      kept[index] = (kept[index] ?? 0) - taken;
      excess -= taken;
    }
  }
}

/** For each signer its groups, those with most signers first. */
function groupsOfSigners(groups: readonly SignedRows[]): number[][] {
  const loads = new Map<string | null, number[]>();
  for (const [index, { signers }] of groups.entries()) {
    for (const signer of signers.length === 0 ? [null] : signers) {
      loads.set(signer, [...(loads.get(signer) ?? []), index]);
    }
  }
  const count = (index: number) => groups[index]?.signers.length ?? 0;
  return [...loads.values()].map((own) => own.sort((a, b) => count(b) - count(a)));
}

function mostLoaded(loads: readonly number[][], kept: readonly number[]): [heaviest: readonly number[], load: number] {
  let most: [readonly number[], number] = [[], 0];
  for (const own of loads) {
    const load = sumOf(own.map((index) => kept[index] ?? 0));
    if (load > most[1]) most = [own, load];
  }
  return most;
}

function sumOf(counts: readonly number[], first = 0): number {
  return counts.reduce((sum, count) => sum + count, first);
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
