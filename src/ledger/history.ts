import type { ShardAssessment } from '../assess/index.js';
import type { LedgerAccount, LedgerEntry } from '../schema/index.js';
import { listOrNone, type ObjectStore, sha256Of } from '../store/index.js';
import { batchDigest, damaged, ledgerShards, parseEntry, signerOf } from './entry.js';
import { DistinctBatches } from './overlap.js';

/** An earlier batch as far as it concerns the one at hand. */
export interface PastBatch {
  /** Who vouched for it; empty where nobody was known to. */
  readonly signer: string;
  readonly baseline: string;
  readonly rows: number;
  readonly accounts: readonly LedgerAccount[];
}

/** What a ledger knew before the batch at hand: plain data, the same for the same snapshot. */
export interface History {
  /** Of the names and digests of the entries that count. */
  readonly sha256: string;
  readonly batches: readonly PastBatch[];
  /** Entries that do not count: of another tolerance, or of rows that bear witness elsewhere. */
  readonly leftOut: number;
}

const NAME = /^[0-9a-f]{64}\.json$/;
/** A million sources take less. */
const MOST_BYTES = 2 ** 29;
const READ_AT_ONCE = 16;

/**
 * Reads every entry of a ledger, checks it, and keeps what counts for the batch at hand: not its own entries, and of
 * batches of a signer that are mostly the same rows the one whose name comes first: nobody displaces another's. A ledger that is not there yet is empty.
 * @throws BadInput LEDGER_UNUSABLE; Transient READ_FAILED
 */
export async function readHistory(
  store: ObjectStore,
  ledger: string,
  judged: readonly ShardAssessment[],
  tolerance: number,
  signer = '',
): Promise<History> {
  const objects = await listEntries(store, ledger);
  const shards = ledgerShards(judged);
  // Accounts of others need not be remembered.
  const sources = new Set(judged.flatMap((shard) => shard.sources));
  const distinct = new Map([[signer, new DistinctBatches()]]);
  distinct.get(signer)?.add(shards);
  const own = batchDigest(shards);
  const batches: PastBatch[] = [];
  const snapshot: string[] = [];
  let leftOut = 0;
  for (let from = 0; from < objects.length; from += READ_AT_ONCE) {
    const read = objects.slice(from, from + READ_AT_ONCE).map(async ({ path, uri, version }) => {
      const content = await store.read(uri, version);
      return { path, entry: parseEntry(ledger, path, content) };
    });
    for (const { path, entry } of await Promise.all(read)) {
      if (entry.batch === own) continue;
      const by = signerOf(entry);
      const others = distinct.get(by) ?? new DistinctBatches();
      distinct.set(by, others);
      if (entry.tolerance !== tolerance || !others.add(entry.shards)) {
        leftOut += 1;
        continue;
      }
      snapshot.push(`${path} ${entry.sha256}\n`);
      batches.push(recall(entry, sources));
    }
  }
  return { sha256: sha256Of(snapshot.join('')), batches, leftOut };
}

async function listEntries(store: ObjectStore, ledger: string) {
  const objects = await listOrNone(store, ledger);
  for (const { path, bytes } of objects) {
    if (!NAME.test(path)) throw damaged(ledger, path, 'is no entry of a ledger');
    if (bytes > MOST_BYTES) throw damaged(ledger, path, 'is too large for an entry');
  }
  return objects;
}

function recall(entry: LedgerEntry, sources: ReadonlySet<string>): PastBatch {
  const { baseline, shards, accounts } = entry;
  return {
    signer: signerOf(entry),
    baseline,
    rows: shards.reduce((sum, { rows }) => sum + rows, 0),
    accounts: accounts.filter(({ source }) => source === null || sources.has(source)),
  };
}
