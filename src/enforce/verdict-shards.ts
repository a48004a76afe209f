import type { Dataset } from '../config/index.js';
import type { BatchRecord, Seal, VerdictShard } from '../schema/index.js';
import { mapAtOnce, type ObjectStore } from '../store/index.js';
import { restsThere } from './cleaned-names.js';
import { everCleaned, type StandingShard } from './standing.js';
import type { LastVerdict } from './verdicts.js';

interface SpokenShard extends Pick<StandingShard, 'path' | 'sha256' | 'standing'> {
  /** What is released of it without some rows. */
  readonly cleaned?: VerdictShard;
}

/** What a verdict says of a shard, and of what was made of it. */
export function verdictShards(shard: SpokenShard): VerdictShard[] {
  const { path, sha256, standing } = shard;
  const whole = { name: path, digest: sha256 === null ? null : { sha256 }, released: standing === 'released' };
  return [whole, ...restOf(shard)];
}

/** What is released of a shard without some rows. */
export function restOf({ cleaned }: Pick<SpokenShard, 'cleaned'>): VerdictShard[] {
  return cleaned === undefined ? [] : [cleaned];
}

interface KnownBatch {
  readonly seal: Seal;
  readonly records: readonly BatchRecord[];
  readonly last: LastVerdict;
}

/**
 * What lies there of shards that were released without some rows once, and a verdict says nothing of: no gate lets it
 * through, and none refuses the batch for it. By the digest that the verdict before says, so that the batch stays the same
 * one for lists of what was recalled.
 * @throws Transient READ_FAILED
 */
export async function formerRests(
  store: ObjectStore,
  { released }: Pick<Dataset, 'released'>,
  { seal: { batch }, records, last }: KnownBatch,
  spoken: readonly VerdictShard[],
): Promise<VerdictShard[]> {
  const known = new Set(spoken.map(({ name }) => name));
  const there = await mapAtOnce(everCleaned(records), (shard) => restsThere(store, released, batch, shard));
  const names = there.flat().filter((name) => !known.has(name));
  const before = new Map(last.statement?.predicate.shards.map(({ name, digest }) => [name, digest]));
  return names.map((name) => ({ name, digest: before.get(name) ?? null, released: false }));
}

/** In whatever order. */
export function isSame(some: readonly VerdictShard[], others: readonly VerdictShard[]): boolean {
  const textOf = (shards: readonly VerdictShard[]) =>
    shards.map(({ name, digest, released }) => `${released} ${digest?.sha256} ${name}`).sort();
  return JSON.stringify(textOf(some)) === JSON.stringify(textOf(others));
}
