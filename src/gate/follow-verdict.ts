import { BadInput } from '../errors.js';
import type { ObjectStore, StoredObject } from '../store/index.js';
import { VERDICT_NAME, verdictsIn } from './verdict-name.js';

/** A verdict to go by. */
export interface FollowedVerdict extends Pick<StoredObject, 'uri' | 'version'> {
  /** Where it lies. */
  readonly folder: string;
  /** The file that was named, where a later one beside it has taken its place. */
  readonly supersedes?: string;
}

/**
 * The last verdict in a folder: that of the batch, or one that is given. A given file holds only while no later one lies
 * beside it: each speaks of all shards of its batch, and may have taken back what the one before released.
 * @throws BadInput VERDICT_UNUSABLE where there is none; Transient READ_FAILED
 */
export async function verdictToFollow(
  store: ObjectStore,
  batch: string,
  given: string | undefined,
): Promise<FollowedVerdict> {
  const folder = given ?? batch;
  const latest = (await verdictsIn(store, folder, '')).at(-1);
  if (latest !== undefined) return { ...latest, folder };
  if (given !== undefined) return laterThan(store, given);
  const remedy =
    'Name it, or the folder where it lies, with --verdict; `taster scan --out <dir> --sign <key>` writes one.';
  throw new BadInput('VERDICT_UNUSABLE', { path: `${batch}/${VERDICT_NAME}`, detail: 'is not there', remedy });
}

async function laterThan(store: ObjectStore, file: string): Promise<FollowedVerdict> {
  const [, given = '.', name = ''] = /^(?:(.*)[/\\])?([^/\\]*)$/s.exec(file) ?? [];
  const folder = given || '/';
  const number = numberOf(name);
  const later = number === undefined ? undefined : (await verdictsIn(store, folder, '', number + 1)).at(-1);
  return later === undefined ? { uri: file, folder } : { ...later, folder, supersedes: file };
}

function numberOf(name: string): number | undefined {
  if (name === VERDICT_NAME) return 1;
  const [, number] = /^_verdict-([1-9]\d*)\.json$/.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}
