import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * A compiled file by its path below `src`, whoever asks for it from where: processes and threads have no loader for
 * TypeScript, and the files that they start from stay in their place when others are put together.
 */
export function compiled(path: string): URL {
  return pathToFileURL(createRequire(import.meta.url).resolve(`#compiled/${path}`));
}
