import type { VerdictShard } from '../schema/index.js';
import { type ObjectStore, type StoredObject, sha256Of } from '../store/index.js';
import { batchDigest } from './make-verdict.js';
import { openVerdict, type VerdictExpectation } from './open-verdict.js';
import { type GivenStatus, statusProblems } from './status-list.js';
import { VERDICT_NAME } from './verdict-name.js';

export interface GateRequest extends VerdictExpectation {
  /** The folder whose released shards are wanted. */
  readonly root: string;
  readonly verdict: Uint8Array;
  /** The signed list of what was recalled. */
  readonly status?: GivenStatus;
  /**
   * The batch lies where it arrived, with what its verdict does not know: that is left alone. What was released of a shard
   * without some of its rows lies in the folder of the verdict.
   */
  readonly inPlace?: { readonly beside: string } | undefined;
  /** Takes the verified bytes of each shard that may pass. */
  readonly take?: (path: string, content: Uint8Array) => Promise<void>;
}

/** A shard whose bytes are those that were judged and released. */
export interface PassedShard {
  readonly path: string;
  readonly uri: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Names these bytes where the store keeps several. */
  readonly version?: string;
}

/** `problems` is empty where everything may pass: else nothing may. */
export interface GateOutcome {
  /** What the verdict is about; null where it is none that counts. */
  readonly subject: { readonly name: string; readonly sha256: string; readonly dataset: string } | null;
  readonly passed: readonly PassedShard[];
  readonly heldBack: number;
  readonly problems: readonly string[];
}

/**
 * Compares every released shard in a folder with the verdict on it; what the verdict does not know is refused as well.
 * @throws BadInput PATH_MISSING; Transient READ_FAILED
 */
export async function passGate(
  store: ObjectStore,
  { root, verdict, status, take, inPlace, ...expected }: GateRequest,
): Promise<GateOutcome> {
  const opened = openVerdict(verdict, expected);
  if ('problems' in opened) return { subject: null, passed: [], heldBack: 0, problems: opened.problems };
  const { shards, beside = [], dataset } = opened.statement.predicate;
  const subject = { name: opened.statement.subject[0]?.name ?? '', sha256: batchDigest(shards), dataset };
  const recalled = statusProblems(status, subject, expected);
  if (recalled.length > 0) return { subject, passed: [], heldBack: 0, problems: recalled };
  const present = new Map((await store.list(root)).map((object) => [object.path, object]));
  present.delete(VERDICT_NAME);
  const released = shards.filter((shard) => shard.released);
  const problems = inPlace === undefined ? unknownProblems(present, [...namesOf(shards), ...beside]) : [];
  const passed: PassedShard[] = [];
  for (const shard of released) {
    const object = present.get(shard.name) ?? (inPlace && (await store.find(inPlace.beside, shard.name)));
    const checked = await checkShard(store, shard, object, take);
    if (typeof checked === 'string') problems.push(checked);
    else passed.push(checked);
  }
  if (released.length === 0) problems.push('the verdict releases no shard');
  return { subject, passed: problems.length > 0 ? [] : passed, heldBack: shards.length - released.length, problems };
}

function namesOf(shards: readonly VerdictShard[]): string[] {
  return shards.map(({ name }) => name);
}

function unknownProblems(present: ReadonlyMap<string, StoredObject>, names: readonly string[]): string[] {
  const known = new Set(names);
  return [...present.keys()].filter((path) => !known.has(path)).map((path) => `${path}: the verdict does not know it`);
}

async function checkShard(
  store: ObjectStore,
  { name, digest }: VerdictShard,
  object: StoredObject | undefined,
  take: GateRequest['take'],
): Promise<PassedShard | string> {
  if (object === undefined) return `${name}: it was released and is not there`;
  const content = await store.read(object.uri, object.version);
  const sha256 = sha256Of(content);
  if (sha256 !== digest?.sha256) return `${name}: its bytes are not those that were released`;
  await take?.(name, content);
  const { uri, version } = object;
  return { path: name, uri, sha256, bytes: content.length, ...(version !== undefined && { version }) };
}
