import { BadInput } from '../errors.js';
import { anyStore, findNamed } from '../store/index.js';

/** The content of a file that the command line names. @throws BadInput PATH_MISSING; Transient READ_FAILED */
export async function readNamed(path: string): Promise<Uint8Array> {
  const found = await findNamed(anyStore, path);
  if (found === undefined) throw new BadInput('PATH_MISSING', { path });
  return anyStore.read(found.uri, found.version);
}
