import type { Policy } from '../decide/types.js';
import { BadInput } from '../errors.js';
import { type PolicyFile, policyProblems } from '../schema/index.js';
import { type FileDemand, readApprovedJson, requireNone } from './approved-file.js';

/**
 * The policy of a file, or the default one; what the file leaves out takes its default.
 * Throws BadInput POLICY_INVALID naming every problem at once; APPROVAL_REFUSED where it is not signed as `demand` asks.
 */
export function loadPolicy(path: string | undefined, demand?: FileDemand): Policy {
  return readPolicy(path, demand).policy;
}

/** No default of the schema: plans hold the policies that batches are judged by, and this judges none. */
const SIGNER_SHARE = 0.5;

/** The same, with the greatest share of a new baseline's rows that one signer may have. @throws as loadPolicy */
export function readPolicy(
  path: string | undefined,
  demand?: FileDemand,
): { readonly policy: Policy; readonly signerShare: number } {
  if (path === undefined) requireNone('policy', demand);
  const settings = path === undefined ? {} : readApprovedJson(path, 'policy', 'POLICY_INVALID', demand);
  const problems = policyProblems(settings);
  if (problems.length > 0)
    throw new BadInput('POLICY_INVALID', { path: path ?? 'policy', detail: problems.join('; ') });
  const { mode, falseQuarantineRate, tolerance, limits, signerShare = SIGNER_SHARE } = settings as Policy & PolicyFile;
  return {
    policy: Object.freeze({ mode, falseQuarantineRate, tolerance, limits: Object.freeze(limits) }),
    signerShare,
  };
}
