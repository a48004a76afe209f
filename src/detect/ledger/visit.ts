import type { Signatures } from '../../encode/index.js';
import type { LedgerShard, SignedRows } from './contract.js';

/** Visits trusted rows (under no shard), then shards in path order. */
export type VisitAll = (visit: (rows: SignedRows, shard: LedgerShard | null) => void) => Promise<void>;

/** The next shard is read while one is visited. `shards` are in path order. */
export function visitor(shards: readonly LedgerShard[], trusted: SignedRows): VisitAll {
  return async (visit) => {
    let next = shards[0]?.readSigned();
    // A failure comes up where the shard is awaited, which may be too late for Node.
    next?.catch(() => {});
    visit(trusted, null);
    for (const [index, shard] of shards.entries()) {
      const rows = await next;
      next = shards[index + 1]?.readSigned();
      next?.catch(() => {});
      if (rows !== undefined) visit(rows, shard);
    }
  };
}

export function rowCount({ perRow, values }: Signatures): number {
  return values.length / perRow;
}
