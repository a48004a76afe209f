import {
  envelopeText,
  openEnvelope,
  parseJson,
  type SigningKey,
  seal,
  signersOf,
  type Trust,
} from '../attest/index.js';
import { type AuditCheckpoint, schemaProblem } from '../schema/index.js';
import type { AuditLog } from './read.js';

const CHECKPOINT_TYPE = 'application/vnd.taster.checkpoint+json';

/** How far a log had got, under a signature: to be kept where whoever writes the log cannot change it. */
export function checkpointText({ entries, sha256 }: AuditLog, key: SigningKey, now = new Date()): string {
  const checkpoint: AuditCheckpoint = {
    ...{ version: 1, sequence: entries.length, sha256: sha256 ?? '', issued: now.toISOString() },
  };
  return envelopeText(seal(Buffer.from(JSON.stringify(checkpoint)), [key], CHECKPOINT_TYPE));
}

/** Why a log is not the one of which a checkpoint was taken, or was cut since; nothing where it is. */
export function checkpointProblem(
  { digests }: AuditLog,
  content: Uint8Array,
  { trust, now }: { trust: Trust; now: number },
): string | undefined {
  const opened = openEnvelope(parseJson(content), CHECKPOINT_TYPE);
  if ('problem' in opened) return `the checkpoint is none: ${opened.problem}`;
  const signers = signersOf(opened, trust.auditors, now);
  if (signers.length === 0) return 'nobody who is trusted to has signed the checkpoint as it is';
  const value = parseJson(opened.payload);
  const problem = schemaProblem('audit-checkpoint', value);
  if (problem !== undefined) return `the checkpoint ${problem}`;
  const { sequence, sha256, issued } = value as AuditCheckpoint;
  // A checkpoint stays true when its key no longer signs new ones; not when the key was stolen.
  const doubts = signers.filter(({ isRevoked, from }) => isRevoked || Date.parse(issued) < from);
  if (doubts.length === signers.length) return `the key of ${doubts[0]?.name} does not count`;
  if (digests.length < sequence) return `it ends with entry ${digests.length}, but had ${sequence} on ${issued}`;
  return digests[sequence - 1] === sha256 ? undefined : `entry ${sequence} is not the one of ${issued}`;
}
