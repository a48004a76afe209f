import { isAbsolute, relative, resolve, sep } from 'node:path';
import { BadInput } from '../errors.js';
import { isS3Uri, rootProblem } from '../store/index.js';

function isWithin(folder: string, root: string): boolean {
  const path = relative(resolve(root), resolve(folder));
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** Files written among the data would be read as data by the next scan. Throws BadInput USAGE. */
export function assertOutside(option: string, folder: string, roots: readonly string[]): void {
  const root = roots.find((candidate) => isWithin(folder, candidate));
  if (root === undefined) return;
  throw new BadInput('USAGE', {
    detail: `${option} ${folder} lies in ${root}, whose files are read as data: choose a place outside`,
  });
}

/** Reports and parts of shards are written to this machine only. Throws BadInput USAGE. */
export function assertLocal(option: string, folder: string): void {
  if (!isS3Uri(folder)) return;
  throw new BadInput('USAGE', {
    detail: `${option} ${folder} lies in S3: name a folder of this machine, and copy it there`,
  });
}

/** An address of another store would be taken for the name of a folder, and made. Throws BadInput USAGE. */
export function assertRoots(given: Readonly<Record<string, string | undefined>>): void {
  for (const [option, root] of Object.entries(given)) {
    const problem = root === undefined ? undefined : rootProblem(root);
    if (problem !== undefined) throw new BadInput('USAGE', { detail: `${option}: ${problem}` });
  }
}
