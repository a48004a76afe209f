import type { LedgerShard } from '../schema/index.js';

/** Of two batches, the share of the smaller one's rows from which on both are taken for one. */
const SAME_FROM = 0.5;

/** Batches that were met so far; rows must not bear witness twice. */
export class DistinctBatches {
  private readonly rowsOf: number[] = [];
  /** Digest of a shard → the batches that hold it. */
  private readonly holders = new Map<string, number[]>();

  /** Adds a batch unless it shares half of its rows, or half of theirs, with one that is here; says whether it did. */
  add(shards: readonly LedgerShard[]): boolean {
    const distinct = new Map(shards.map(({ sha256, rows }) => [sha256, rows]));
    const rows = [...distinct.values()].reduce((sum, own) => sum + own, 0);
    const common = new Map<number, number>();
    for (const [sha256, own] of distinct) {
      for (const batch of this.holders.get(sha256) ?? []) common.set(batch, (common.get(batch) ?? 0) + own);
    }
    const isSame = [...common].some(([batch, shared]) => shared >= SAME_FROM * Math.min(rows, this.rowsOf[batch] ?? 0));
    if (isSame) return false;
    const index = this.rowsOf.push(rows) - 1;
    for (const sha256 of distinct.keys()) this.holders.set(sha256, [...(this.holders.get(sha256) ?? []), index]);
    return true;
  }
}
