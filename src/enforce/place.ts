import { Transient } from '../errors.js';
import type { SealedShard } from '../schema/index.js';
import { isETag, type ObjectStore, saysGone, sha256OfAll, type Tags } from '../store/index.js';

type Origin = Pick<SealedShard, 'uri' | 'version'>;

/** A copy that is to be below a root. */
interface Copy {
  readonly path: string;
  readonly sha256: string;
  /** Of a copy that is made, where its store has any. */
  readonly tags?: Tags;
  /** True where nothing of that name was there a moment ago: then it is not looked for before it is copied. */
  readonly isMissing?: boolean;
}

/** How a copy has come to be where it is to be: by this call, or earlier. */
export type Placed = 'copied' | 'there';

/**
 * Copies the very bytes that were judged below a root, where they may be already: undefined where the origin now holds
 * others, or is gone.
 * @throws Transient TARGET_TAKEN where something else has that name; READ_FAILED, WRITE_FAILED
 */
export async function place(
  store: ObjectStore,
  from: Origin,
  root: string,
  { path, sha256, tags, isMissing = false }: Copy,
): Promise<Placed | undefined> {
  if (!isMissing && (await isThere(store, root, path, sha256))) return 'there';
  try {
    if (await store.copy(from, root, path, sha256, tags)) return 'copied';
  } catch (error) {
    // Gone, it may have been moved there by somebody else meanwhile.
    if (!(error instanceof Transient && error.code === 'COPY_CHANGED') && !isOriginGone(error)) throw error;
  }
  return (await isThere(store, root, path, sha256)) ? 'there' : undefined;
}

/** Also a failure to write can say that something is gone: an upload. */
function isOriginGone(error: unknown): boolean {
  return saysGone(error) && error instanceof Transient && error.code === 'READ_FAILED';
}

/** False where nothing is. @throws Transient TARGET_TAKEN where something else is; READ_FAILED */
export async function isThere(store: ObjectStore, root: string, path: string, sha256: string): Promise<boolean> {
  const object = await store.find(root, path);
  if (object === undefined) return false;
  if ((await sha256OfAll(store.stream(object.uri, object.version))) === sha256) return true;
  throw new Transient('TARGET_TAKEN', { path: object.uri });
}

/** True while a shard is there as it was sealed, with the bytes that were judged. @throws Transient READ_FAILED */
export async function holds(
  store: ObjectStore,
  incoming: string,
  { path, uri, version }: SealedShard,
  sha256: string,
): Promise<boolean> {
  const isPinned = version !== undefined && !isETag(version);
  // Without version ids another object may have taken its place, and its tags would be the other's.
  if (!isPinned && (await store.find(incoming, path))?.version !== version) return false;
  try {
    return (await sha256OfAll(store.stream(uri, version))) === sha256;
  } catch (error) {
    if (isOriginGone(error)) return false;
    throw error;
  }
}

/** Removes a shard from where it arrived, unless other bytes have taken its place. @throws Transient READ_FAILED, WRITE_FAILED */
export async function removeOriginal(
  store: ObjectStore,
  incoming: string,
  { path, uri, version }: SealedShard,
  sha256: string,
): Promise<void> {
  if (version === undefined) {
    const object = await store.find(incoming, path);
    if (object === undefined || (await sha256OfAll(store.stream(object.uri))) !== sha256) return;
  }
  await store.remove(uri, version);
}
