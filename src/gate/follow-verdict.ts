import { BadInput } from '../errors.js';
import { namedFile, type ObjectStore, type StoredObject } from '../store/index.js';
import { VERDICT_NAME, verdictsIn } from './verdict-name.js';

const WRITES_ONE = '`taster scan --out <dir> --sign <key>` writes one';
const NAME_IT = `Name it, or the folder where it lies, with --verdict; ${WRITES_ONE}.`;
const MAY_COME = `Check its name, or wait until the batch is judged: \`taster status\` tells, ${WRITES_ONE}.`;

type Located = Pick<StoredObject, 'uri' | 'version'>;

/** A verdict to go by. */
export interface FollowedVerdict extends Located {
  /** Where it lies. */
  readonly folder: string;
  /** The file that was named, where a later one beside it has taken its place. */
  readonly supersedes?: string;
  /** Those before it, in whose place it holds: none of them may be later than it. */
  readonly earlier: readonly Located[];
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
  const [latest, ...before] = (await verdictsIn(store, folder, '')).reverse();
  if (latest !== undefined) return { ...latest, folder, earlier: before.reverse() };
  if (given !== undefined) return laterThan(store, given);
  throw notThere(`${batch}/${VERDICT_NAME}`, NAME_IT);
}

/** A verdict with those that lie before it. @throws Transient READ_FAILED */
export async function readFollowed(
  store: ObjectStore,
  { uri, version, earlier }: FollowedVerdict,
): Promise<{ readonly verdict: Uint8Array; readonly earlier: readonly Uint8Array[] }> {
  const contents = await Promise.all(earlier.map((one) => store.read(one.uri, one.version)));
  return { verdict: await store.read(uri, version), earlier: contents };
}

async function laterThan(store: ObjectStore, file: string): Promise<FollowedVerdict> {
  const named = namedFile(file);
  const found = named && (await store.find(named.folder, named.name));
  if (named === undefined || found === undefined) throw notThere(file, MAY_COME);
  const { folder, name } = named;
  const { uri, version } = found;
  const own = { uri, ...(version !== undefined && { version }) };
  const number = numberOf(name);
  if (number === undefined) return { ...own, folder, earlier: [] };
  const before = (await verdictsIn(store, folder, '')).slice(0, number - 1);
  const [latest, ...between] = (await verdictsIn(store, folder, '', number + 1)).reverse();
  if (latest === undefined) return { ...own, folder, earlier: before };
  return { ...latest, folder, earlier: [...before, own, ...between.reverse()], supersedes: file };
}

function notThere(path: string, remedy: string): BadInput {
  return new BadInput('VERDICT_UNUSABLE', { path, detail: 'is not there', remedy });
}

function numberOf(name: string): number | undefined {
  if (name === VERDICT_NAME) return 1;
  const [, number] = /^_verdict-([1-9]\d*)\.json$/.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}
