import type { ShardAssessment } from '../assess/index.js';
import type { ObjectStore } from '../store/index.js';
import { type EntryContent, entryName, entryText, ledgerShards } from './entry.js';

/**
 * Adds a batch to a ledger and returns the name of its entry; null where nothing of it was judged. An entry that is
 * there already stays as it is: a batch bets once, however often it is scanned.
 * @throws Transient WRITE_FAILED
 */
export async function recordBatch(
  store: ObjectStore,
  ledger: string,
  judged: readonly ShardAssessment[],
  { baseline, policy, tolerance, accounts }: Omit<EntryContent, 'shards'>,
): Promise<string | null> {
  const shards = ledgerShards(judged);
  if (shards.length === 0) return null;
  const content = { baseline, policy, tolerance, shards, accounts };
  const name = entryName(content);
  await store.create(ledger, `${name}.json`, Buffer.from(entryText(content)));
  return name;
}
