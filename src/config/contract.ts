import { dirname, resolve } from 'node:path';
import { BadInput } from '../errors.js';
import { type PinnedContract, parseContract } from '../verify/index.js';
import { readJson } from './json-file.js';

/** The contract of a file. @throws BadInput PATH_MISSING, CONTRACT_INVALID naming every problem at once; Transient READ_FAILED */
export function loadContract(path: string): PinnedContract {
  const parsed = parseContract(readJson(path, 'CONTRACT_INVALID'), dirname(resolve(path)));
  if ('problems' in parsed) throw new BadInput('CONTRACT_INVALID', { path, detail: parsed.problems.join('; ') });
  return Object.freeze(parsed.contract);
}
