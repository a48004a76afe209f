import { dirname, resolve } from 'node:path';
import { BadInput } from '../errors.js';
import { type PinnedContract, parseContract } from '../verify/index.js';
import { type FileDemand, readApprovedJson, requireNone } from './approved-file.js';

/**
 * The contract of a file.
 * @throws BadInput PATH_MISSING, CONTRACT_INVALID naming every problem at once, APPROVAL_REFUSED where it is not signed as
 * `demand` asks; Transient READ_FAILED
 */
export function loadContract(path: string, demand?: FileDemand): PinnedContract {
  const value = readApprovedJson(path, 'contract', 'CONTRACT_INVALID', demand);
  const parsed = parseContract(value, dirname(resolve(path)));
  if ('problems' in parsed) throw new BadInput('CONTRACT_INVALID', { path, detail: parsed.problems.join('; ') });
  return Object.freeze(parsed.contract);
}

/** @throws BadInput APPROVAL_REFUSED where a signed contract is asked for and none is given */
export function requireNoContract(demand: FileDemand): void {
  requireNone('contract', demand);
}
