import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transient } from '../errors.js';
import { digested, type ObjectStore, orWriteFailed, writePieces } from '../store/index.js';
import type { IntakeLimits } from './limits.js';
import type { Shard } from './locate.js';
import { assertMayRead } from './pin.js';

/** A shard that any process of this machine can read. */
export interface SpooledShard {
  readonly shard: Shard;
  /** Removes the file where it is a copy. */
  discard(): Promise<void>;
}

export interface Spooling {
  readonly store: ObjectStore;
  readonly limits: Pick<IntakeLimits, 'shardBytes'>;
  /** Of this scan alone. */
  readonly scratch: string;
  /** Where left out, copies take what room they need. */
  readonly room?: Room;
}

/** Room on a disk that many copies share. */
export interface Room {
  /** Waits until there are so many bytes; the answer gives them back. @throws Transient SPOOL_FULL */
  take(bytes: number): Promise<() => void>;
}

/**
 * The shard as a file: itself where it is one, else a copy of that very version in the scratch folder. `sha256` is what it
 * has to hold where it was read before. What is too large to be read is not fetched: whoever reads it says so.
 * @throws Transient READ_FAILED, also where it is no longer what was listed or read; WRITE_FAILED, SPOOL_FULL
 */
export async function spoolShard(spooling: Spooling, shard: Shard, sha256?: string | null): Promise<SpooledShard> {
  const { store, limits, room } = spooling;
  if (store.fileOf(shard.uri) !== undefined || shard.bytes > limits.shardBytes) {
    return { shard, discard: () => Promise.resolve() };
  }
  const giveBack = await room?.take(shard.bytes);
  try {
    const { shard: copy, discard } = await copySame(spooling, shard, sha256);
    return { shard: copy, discard: () => discard().finally(giveBack) };
  } catch (error) {
    giveBack?.();
    throw error;
  }
}

async function copySame(
  { store, scratch }: Spooling,
  shard: Shard,
  sha256: string | null | undefined,
): Promise<SpooledShard> {
  const { shard: copy, discard } = await copyOf(store, shard, scratch);
  if (sha256 !== undefined && copy.sha256 !== sha256) {
    await discard();
    throw changed(shard, 'it has changed since it was scored');
  }
  const { path, uri, bytes } = copy;
  return { shard: { path, uri, bytes }, discard };
}

/** A copy of a shard and the digest of its bytes. */
export interface HashedCopy extends SpooledShard {
  readonly shard: Shard & { readonly sha256: string };
}

/**
 * A copy of the shard in the scratch folder, hashed as it comes in: what is read of it is what the digest names, whatever
 * becomes of the original, and at no time is more than a piece of it in memory.
 * @throws BadInput SHARD_UNREADABLE when it is refused, or larger than `limits.shardBytes`; Transient as spoolShard
 */
export async function copyShard({ store, limits, scratch }: Spooling, shard: Shard): Promise<HashedCopy> {
  assertMayRead(shard, limits);
  return await copyOf(store, shard, scratch);
}

async function copyOf(store: ObjectStore, shard: Shard, scratch: string): Promise<HashedCopy> {
  const file = join(scratch, `spool-${randomUUID()}`);
  const discard = () => rm(file, { force: true });
  try {
    const sha256 = await orWriteFailed(file, () => fetch(store, shard, file));
    return { shard: { path: shard.path, uri: file, bytes: shard.bytes, sha256 }, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Writes the shard to a file as it comes in, never more than was listed; returns its SHA-256. */
async function fetch(store: ObjectStore, shard: Shard, path: string): Promise<string> {
  const { chunks, sha256 } = digested(store.stream(shard.uri, shard.version));
  let bytes = 0;
  const asListed = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > shard.bytes) break;
      yield chunk;
    }
  };
  await writePieces(path, asListed(), { flags: 'wx', mode: 0o600 });
  if (bytes !== shard.bytes) throw changed(shard, 'it is not as long as it was listed');
  return sha256();
}

function changed({ uri }: Shard, detail: string): Transient {
  return new Transient('READ_FAILED', { path: uri, detail });
}
