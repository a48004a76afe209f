import type { Policy } from '../decide/types.js';
import { BadInput } from '../errors.js';
import { policyProblems } from '../schema/index.js';
import { type FileDemand, readApprovedJson, requireNone } from './approved-file.js';

/**
 * The policy of a file, or the default one; what the file leaves out takes its default.
 * Throws BadInput POLICY_INVALID naming every problem at once; APPROVAL_REFUSED where it is not signed as `demand` asks.
 */
export function loadPolicy(path: string | undefined, demand?: FileDemand): Policy {
  if (path === undefined) requireNone('policy', demand);
  const settings = path === undefined ? {} : readApprovedJson(path, 'policy', 'POLICY_INVALID', demand);
  const problems = policyProblems(settings);
  if (problems.length > 0)
    throw new BadInput('POLICY_INVALID', { path: path ?? 'policy', detail: problems.join('; ') });
  const { mode, falseQuarantineRate, tolerance, limits } = settings as Policy;
  return Object.freeze({ mode, falseQuarantineRate, tolerance, limits: Object.freeze(limits) });
}
