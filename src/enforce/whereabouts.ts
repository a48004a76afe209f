import { currentJudgement } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import type { BatchRecord, Seal, SealedShard } from '../schema/index.js';
import { mapAtOnce, type ObjectStore } from '../store/index.js';
import { isThere } from './place.js';

type Roots = Pick<Dataset, 'quarantine' | 'released'>;

/**
 * A seal by which a batch can be read after it was judged: of shards that were copied it names the copies, since originals
 * may have been removed or replaced.
 * @throws Transient TARGET_TAKEN where a copy is not what was judged; READ_FAILED
 */
export async function sealNow(
  store: ObjectStore,
  roots: Roots,
  seal: Seal,
  records: readonly BatchRecord[],
): Promise<Seal> {
  const judged = new Map((currentJudgement(records)?.shards ?? []).map(({ path, sha256 }) => [path, sha256]));
  const shards = await mapAtOnce(seal.shards, async (shard) => {
    const sha256 = judged.get(shard.path) ?? null;
    return (sha256 === null ? undefined : await findCopy(store, roots, seal, shard, sha256)) ?? shard;
  });
  return { ...seal, shards };
}

async function findCopy(
  store: ObjectStore,
  { quarantine, released }: Roots,
  { batch }: Seal,
  { path }: SealedShard,
  sha256: string,
): Promise<SealedShard | undefined> {
  for (const root of [quarantine, released]) {
    const copy = await store.find(root, `${batch}/${path}`);
    if (copy !== undefined && (await isThere(store, root, `${batch}/${path}`, sha256))) return { ...copy, path };
  }
  return undefined;
}
