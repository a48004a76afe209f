import type { Policy } from '../decide/types.js';
import { BadInput } from '../errors.js';
import { policyProblems } from '../schema/index.js';
import { readJson } from './json-file.js';

/**
 * The policy of a file, or the default one; what the file leaves out takes its default.
 * Throws BadInput POLICY_INVALID naming every problem at once.
 */
export function loadPolicy(path: string | undefined): Policy {
  const settings = path === undefined ? {} : readJson(path, 'POLICY_INVALID');
  const problems = policyProblems(settings);
  if (problems.length > 0)
    throw new BadInput('POLICY_INVALID', { path: path ?? 'policy', detail: problems.join('; ') });
  const { mode, falseQuarantineRate, tolerance, limits } = settings as Policy;
  return Object.freeze({ mode, falseQuarantineRate, tolerance, limits: Object.freeze(limits) });
}
