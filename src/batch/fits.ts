import { BadInput } from '../errors.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { below } from './names.js';
import { fitPath, type JudgedBy } from './results.js';

/**
 * Keeps what was fitted under its own digest, which it returns: nothing else can take its place.
 * @throws BadInput RECORD_DAMAGED where something else has that name; Transient READ_FAILED, WRITE_FAILED
 */
export async function keepFit(
  store: ObjectStore,
  vault: string,
  work: Pick<JudgedBy, 'batch' | 'plan'>,
  content: Uint8Array,
): Promise<string> {
  const sha256 = sha256Of(content);
  const isNew = await store.create(vault, fitPath(work, sha256), content);
  if (!isNew) await readFit(store, vault, { ...work, fit: { sha256 } });
  return sha256;
}

/** @throws BadInput RECORD_DAMAGED where it is not what was fitted; Transient READ_FAILED */
export async function readFit(
  store: ObjectStore,
  vault: string,
  { fit, ...work }: JudgedBy & { readonly fit: { readonly sha256: string } },
): Promise<Uint8Array> {
  const path = below(vault, fitPath(work, fit.sha256));
  const content = await store.read(path);
  if (sha256Of(content) !== fit.sha256)
    throw new BadInput('RECORD_DAMAGED', { path, detail: 'it is not what was fitted' });
  return content;
}
