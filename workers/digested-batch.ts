import { deserialize } from 'node:v8';
import {
  type ChosenShard,
  type Crew,
  chooseFrom,
  type DigestedShard,
  type Drawn,
  keyOf,
  SHARD_CHANGED,
  sampleChosen,
  unsampled,
} from '../src/assess/index.js';
import type { SampledTable } from '../src/baseline/index.js';
import { below, digestsPath, type OpenPlan } from '../src/batch/index.js';
import { Transient } from '../src/errors.js';
import type { Room } from '../src/intake/index.js';
import type { Backend } from '../src/linear/index.js';
import type { Digested } from '../src/queue/index.js';
import type { SealedShard } from '../src/schema/index.js';
import { mapAtOnce, type ObjectStore } from '../src/store/index.js';
import { hashNow } from './unchanged.js';

/** What became of a shard when its rows were to be told apart. */
type ShardRead = { readonly shard: SealedShard } & (
  | { readonly sha256: string }
  /** Why it has no part in a sample. */
  | { readonly sha256: null; readonly fault: string }
);

export function digestedShards(shards: readonly SealedShard[], { done, failureOf }: Digested): ShardRead[] {
  const byPath = new Map(done.map((one) => [one.path, one]));
  return shards.map((shard) => {
    const { sha256 = null, unread = null } = byPath.get(shard.path) ?? {};
    if (sha256 !== null) return { shard, sha256 };
    return { shard, sha256, fault: unread ?? failureOf(shard.path) ?? 'nobody knows why' };
  });
}

/** A batch whose rows are told apart. */
export interface DigestedBatch {
  readonly store: ObjectStore;
  readonly vault: string;
  readonly plan: OpenPlan;
  /** For the shards that are read again. */
  readonly room: Room;
  readonly batch: string;
  readonly shards: readonly ShardRead[];
}

/** Of a fit alone. */
interface Resources {
  readonly crew: Crew;
  readonly scratch: string;
  readonly backend: Backend;
}

/**
 * A sample of its rows. They are read again: shards of which that fails, or that are no longer what was digested, are left out.
 * @throws BadInput NO_READABLE_SHARD; Transient READ_FAILED, WRITE_FAILED, SPOOL_FULL, PROCESS_DIED
 */
export async function sampleDigested(batch: DigestedBatch, resources: Resources): Promise<SampledTable> {
  const drawn = await orChanged(batch, () => draw(batch, resources));
  if ('sample' in drawn) return drawn.sample;
  const shards = batch.shards.map((one, number) => {
    const fault = drawn.lost.get(number);
    return fault === undefined ? one : { ...one, sha256: null, fault };
  });
  return sampleDigested({ ...batch, shards }, resources);
}

/** The digests of all rows of a large shard are large: they go once its rows are chosen. */
const READ_AT_ONCE = 4;

async function draw({ store, vault, plan, room, batch, shards }: DigestedBatch, resources: Resources): Promise<Drawn> {
  const key = keyOf(shards.flatMap(({ sha256 }) => sha256 ?? []));
  const choose = async (one: ShardRead): Promise<ChosenShard> => {
    if (one.sha256 === null) return { sampled: unsampled(one.fault), rows: new Int32Array(0) };
    const object = await store.read(below(vault, digestsPath({ batch, plan: plan.name }, one.shard.path, one.sha256)));
    return chooseFrom(deserialize(object) as DigestedShard, key);
  };
  const chosen = await mapAtOnce(shards, choose, READ_AT_ONCE);
  const { columns, policy } = plan;
  const reading = { store, room, columns, limits: policy.limits, processes: 0, path: batch, onProgress: () => {} };
  const sealed = shards.map(({ shard }) => shard);
  return sampleChosen(sealed, chosen, key, { ...resources, ...reading });
}

/** A store that keeps no versions says of a shard that was replaced that it cannot be read. */
async function orChanged({ store, shards }: DigestedBatch, work: () => Promise<Drawn>): Promise<Drawn> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Transient) || error.code !== 'READ_FAILED') throw error;
    const changed = await mapAtOnce(shards, async ({ shard, sha256 }, number) => {
      const isSame = sha256 === null || (await hashNow(store, shard)) === sha256;
      return isSame ? [] : [[number, SHARD_CHANGED] as const];
    });
    const lost = new Map(changed.flat());
    if (lost.size === 0) throw error;
    return { lost };
  }
}
