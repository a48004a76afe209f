import { existsSync, readFileSync } from 'node:fs';
import { APPROVAL_ENDING, type GivenApproval } from '../attest/index.js';
import { type BadInputCode, Transient } from '../errors.js';
import type { ApprovableKind } from '../schema/index.js';
import { sha256Of } from '../store/index.js';
import { type ApprovalDemand, requireApproval } from '../verify/index.js';
import { parseJsonFile, readBytes } from './json-file.js';

/** What is asked of a file, and who is told of what was given. */
export interface FileDemand extends ApprovalDemand {
  readonly onGiven?: (approval: GivenApproval) => void;
}

const NO_DEMAND: FileDemand = { trust: undefined, dataset: undefined };

/**
 * The value of a JSON file; the very bytes that it is parsed from have to be signed where `demand` says so.
 * @throws as readJson; BadInput APPROVAL_REFUSED, USAGE
 */
export function readApprovedJson(
  path: string,
  kind: ApprovableKind,
  code: BadInputCode,
  demand: FileDemand = NO_DEMAND,
): unknown {
  const content = readBytes(path, code);
  const given = requireApproval({ kind, path, sha256: sha256Of(content) }, demand, readBeside(path));
  if (given !== undefined) demand.onGiven?.(given);
  return parseJsonFile(content.toString('utf8'), path, code);
}

/** @throws BadInput APPROVAL_REFUSED where a signed file of the kind is asked for and none is given */
export function requireNone(kind: ApprovableKind, demand: FileDemand = NO_DEMAND): void {
  requireApproval({ kind, path: undefined, sha256: undefined }, demand, undefined);
}

function readBeside(path: string): Buffer | undefined {
  const beside = `${path}${APPROVAL_ENDING}`;
  if (!existsSync(beside)) return undefined;
  try {
    return readFileSync(beside);
  } catch (cause) {
    throw new Transient('READ_FAILED', { path: beside, detail: (cause as Error).message }, cause);
  }
}
