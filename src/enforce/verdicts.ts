import { envelopeText, type SigningKey, seal } from '../attest/index.js';
import { recordBytes } from '../batch/index.js';
import { BadInput } from '../errors.js';
import { replayProblem, verdictIn, verdictName, verdictOf, verdictsIn } from '../gate/index.js';
import type { VerdictStatement } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { cleanedNames } from './clean.js';
import { isData, type StandingShard } from './standing.js';

/** The last verdict on a batch; each speaks of all its shards. */
export interface LastVerdict {
  /** How many there are. */
  readonly number: number;
  readonly statement: VerdictStatement | null;
  /** It is an earlier one that was put back: no gate follows it. */
  readonly isReplayed: boolean;
  /** Milliseconds since 1970, of the newest of them; the next one must not be older. */
  readonly newest: number;
}

/**
 * The verdict that lies beside the released shards of a batch.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function lastVerdict(store: ObjectStore, released: string, batch: string): Promise<LastVerdict> {
  const verdicts = await verdictsIn(store, released, `${batch}/`);
  const statements: VerdictStatement[] = [];
  for (const { uri } of verdicts) statements.push(await readStatement(store, uri));
  const statement = statements.at(-1) ?? null;
  const isReplayed = statement !== null && replayProblem(statement, statements.slice(0, -1)) !== undefined;
  const newest = Math.max(0, ...statements.map(({ predicate }) => Date.parse(predicate.timeVerified)));
  return { number: verdicts.length, statement, isReplayed, newest };
}

/** True where a verdict still releases, whole or without some rows, what was recalled. */
export function releasesRecalled(statement: VerdictStatement | null, standing: readonly StandingShard[]): boolean {
  const recalled = standing.filter((shard) => shard.isRecalled && !isData(shard));
  const names = new Set(recalled.flatMap(({ path }) => [path, ...cleanedNames(path)]));
  return statement?.predicate.shards.some(({ name, released }) => released && names.has(name)) === true;
}

/**
 * Writes the next verdict, signed where there is a key, and returns its name; undefined where somebody else has written it.
 * @throws Transient WRITE_FAILED
 */
export async function addVerdict(
  store: ObjectStore,
  released: string,
  after: number,
  content: Parameters<typeof verdictOf>[0],
  key: SigningKey | null,
): Promise<string | undefined> {
  const name = verdictName(after + 1);
  const statement = verdictOf(content);
  const bytes =
    key === null
      ? recordBytes(statement)
      : Buffer.from(envelopeText(seal(Buffer.from(JSON.stringify(statement)), [key])));
  return (await store.create(released, `${content.batch}/${name}`, bytes)) ? name : undefined;
}

async function readStatement(store: ObjectStore, uri: string): Promise<VerdictStatement> {
  const statement = verdictIn(await store.read(uri));
  if (typeof statement === 'string') throw new BadInput('RECORD_DAMAGED', { path: uri, detail: statement });
  return statement;
}
