import { below } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { Transient } from '../errors.js';
import { VERDICT_TAG } from '../permissions/index.js';
import type { Seal, VerdictShard } from '../schema/index.js';
import { mapAtOnce, type ObjectStore, saysGone, type Tags } from '../store/index.js';
import { sealedShard } from './sealed-shard.js';
import type { StandingShard } from './standing.js';

type Roots = Pick<Dataset, 'released' | 'quarantine' | 'placement'>;

interface MarkedShard extends Pick<StandingShard, 'path' | 'sha256' | 'standing'> {
  /** True of a copy that was tagged as it was made. */
  readonly isMarked?: boolean;
}

/**
 * Tags shards, or their copies, as released or quarantined: those that stand as `which` says. Copies are tagged where their
 * store has tags; in place everything rests on them.
 * @throws Transient READ_FAILED, WRITE_FAILED
 */
export async function mark(
  store: ObjectStore,
  dataset: Roots,
  seal: Seal,
  shards: readonly MarkedShard[],
  which: 'held' | 'released' | 'all',
): Promise<void> {
  await mapAtOnce(shards, async ({ path, sha256, standing, isMarked = false }) => {
    if (sha256 === null || standing === 'changed') return;
    const isReleased = standing === 'released';
    if (!isMarked && (which === 'all' || isReleased === (which === 'released')))
      await markShard(store, dataset, seal, path, isReleased);
  });
}

/**
 * Tags what lies beside a verdict as that says: shards, unless they are in place, and what was released of them without some
 * rows. @throws Transient READ_FAILED, WRITE_FAILED
 */
export async function markBeside(
  store: ObjectStore,
  { placement, released }: Roots,
  seal: Seal,
  shards: readonly VerdictShard[],
): Promise<void> {
  const sealed = new Set(placement === 'copy' ? [] : seal.shards.map(({ path }) => path));
  const beside = shards.filter(({ name }) => !sealed.has(name));
  await mapAtOnce(beside, (shard) => markCopy(store, released, `${seal.batch}/${shard.name}`, shard.released));
}

async function markShard(
  store: ObjectStore,
  { placement, released, quarantine }: Roots,
  seal: Seal,
  path: string,
  isReleased: boolean,
): Promise<void> {
  if (placement === 'copy')
    return markCopy(store, isReleased ? released : quarantine, `${seal.batch}/${path}`, isReleased);
  const { uri, version } = sealedShard(seal, path);
  if (await isTagged(store, uri, version, isReleased)) return;
  throw new Transient('WRITE_FAILED', {
    path: uri,
    detail: 'its store has no tags, on which placement in-place rests',
  });
}

/** True also of what is gone: nobody can read it. */
function isTagged(store: ObjectStore, uri: string, version: string | undefined, isReleased: boolean): Promise<boolean> {
  return store.tag(uri, version, tagOf(isReleased)).catch((error: unknown) => {
    if (saysGone(error)) return true;
    throw error;
  });
}

async function markCopy(store: ObjectStore, root: string, path: string, isReleased: boolean): Promise<void> {
  // No copy is ever replaced: it needs no version, nor a look whether it is there.
  await isTagged(store, below(root, path), undefined, isReleased);
}

export function tagOf(isReleased: boolean): Tags {
  return { [VERDICT_TAG.key]: isReleased ? VERDICT_TAG.released : VERDICT_TAG.quarantined };
}
