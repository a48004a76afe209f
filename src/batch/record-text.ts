import { BadInput } from '../errors.js';
import { schemaProblem } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

type RecordName = Parameters<typeof schemaProblem>[0];

/** The bytes of a record: the same for the same content. */
export function recordBytes(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * The record in an object of a vault, or undefined where there is none.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function readRecord<Value>(
  store: ObjectStore,
  root: string,
  path: string,
  name: RecordName,
): Promise<Value | undefined> {
  const object = await store.find(root, path);
  return object === undefined ? undefined : parseRecord<Value>(await store.read(object.uri), object.uri, name);
}

/** @throws BadInput RECORD_DAMAGED */
export function parseRecord<Value>(content: Uint8Array, uri: string, name: RecordName): Value {
  const value = parseJson(content, uri);
  const problem = schemaProblem(name, value);
  if (problem !== undefined) throw new BadInput('RECORD_DAMAGED', { path: uri, detail: problem });
  return value as Value;
}

function parseJson(content: Uint8Array, uri: string): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw new BadInput('RECORD_DAMAGED', { path: uri, detail: 'it is not JSON' }, cause);
  }
}
