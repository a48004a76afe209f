import { envelopeText, openEnvelope, parseJson, type SigningKey, seal } from '../attest/index.js';
import { recordBytes } from '../batch/index.js';
import { BadInput } from '../errors.js';
import { verdictName, verdictOf, verdictsIn } from '../gate/index.js';
import { schemaProblem, type VerdictStatement } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

/** The last verdict on a batch; each speaks of all its shards. */
export interface LastVerdict {
  /** How many there are. */
  readonly number: number;
  readonly statement: VerdictStatement | null;
}

/**
 * The verdict that lies beside the released shards of a batch.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function lastVerdict(store: ObjectStore, released: string, batch: string): Promise<LastVerdict> {
  const verdicts = await verdictsIn(store, released, `${batch}/`);
  const last = verdicts.at(-1);
  return { number: verdicts.length, statement: last === undefined ? null : await readStatement(store, last.uri) };
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

/** What it says, whoever has signed it: that is for the gate to ask. */
async function readStatement(store: ObjectStore, uri: string): Promise<VerdictStatement> {
  const value = parseJson(await store.read(uri));
  const opened = openEnvelope(value);
  const statement = 'problem' in opened ? value : parseJson(opened.payload);
  const problem = schemaProblem('verdict', statement);
  if (problem !== undefined) throw new BadInput('RECORD_DAMAGED', { path: uri, detail: problem });
  return statement as VerdictStatement;
}
