import { KeyObject } from 'node:crypto';
import { type ApprovableKind, type ApprovalStatement, schemaProblem } from '../schema/index.js';
import { envelopeText, openEnvelope, type SignedPayload, seal, signersOf } from './envelope.js';
import { keyIdOf } from './keys.js';
import { parseJson } from './parse-json.js';
import { publicKeyOf, type SigningKey } from './signing-key.js';
import { type Trust, type TrustedKey, weighSigners } from './trust.js';

/** What the approval of a file is called that lies beside it. */
export const APPROVAL_ENDING = '.sig';

/** What is said of a file by those who answer for it. */
export interface Approval {
  readonly kind: ApprovableKind;
  readonly dataset: string;
  readonly version: number;
  /** Of a baseline the digest in its first line, else of the file's bytes. */
  readonly sha256: string;
  /** Of the first baseline of the dataset; null for other kinds. */
  readonly first: string | null;
}

/** An approval as found, whoever has signed it. */
export interface OpenedApproval extends Approval {
  readonly signed: SignedPayload;
  readonly created: string;
}

/** An approval that counts. */
export interface GivenApproval extends Approval {
  /** Names of those who have signed, a key each. */
  readonly signers: readonly string[];
}

/** The statement of an approval, to be signed. `name` is what the file is called, for its readers. */
export function approvalPayload(
  { kind, dataset, version, sha256, first }: Approval,
  name: string,
  created: Date,
): Uint8Array {
  const statement: ApprovalStatement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256 } }],
    predicateType: 'https://taster.example/approval/v1',
    predicate: { kind, dataset, version, first, created: created.toISOString() },
  };
  return Buffer.from(JSON.stringify(statement));
}

/** The payload under a signature more; one that the key has given before is replaced. */
export function signedBy(payload: Uint8Array, key: SigningKey, earlier?: SignedPayload): string {
  const own = seal(payload, [key]);
  const others = (earlier?.envelope.signatures ?? []).filter(({ keyid }) => keyid !== keyIdOf(publicKeyOf(key)));
  return envelopeText({ ...own, signatures: [...others, ...own.signatures] });
}

export function openApproval(content: Uint8Array): OpenedApproval | { readonly problem: string } {
  const signed = openEnvelope(parseJson(content));
  if ('problem' in signed) return { problem: `its approval is no signed statement: ${signed.problem}` };
  const value = parseJson(signed.payload);
  const problem = schemaProblem('approval', value);
  if (problem !== undefined) return { problem: `its approval ${problem}` };
  const { subject, predicate } = value as ApprovalStatement;
  return { ...predicate, sha256: subject[0]?.digest.sha256 ?? '', signed };
}

/** What the file at hand is, and who decides on whether it counts. */
export interface ApprovalExpectation {
  readonly trust: Trust;
  readonly kind: ApprovableKind;
  readonly dataset: string;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What would make an approval count: that the file is stated (anew), or as a later version, or signed by others as well. */
export type ApprovalMend = 'state' | 'later' | 'countersign';

/** What keeps an approval from counting. */
interface NoApproval {
  readonly problem: string;
  readonly mend: ApprovalMend;
}

const BEARABLE_SKEW_MS = 5 * 60_000;

/** The approval of a file as far as the trust policy asks for one, or the first thing that keeps it from counting. */
export function checkApproval(
  content: Uint8Array | undefined,
  expected: ApprovalExpectation,
): GivenApproval | NoApproval {
  if (content === undefined) {
    return { problem: 'nobody has signed it, which the trust policy asks for', mend: 'state' };
  }
  const opened = openApproval(content);
  if ('problem' in opened) return { ...opened, mend: 'state' };
  const wrong = contentProblem(opened, expected);
  if (wrong !== undefined) return { problem: wrong, mend: isTooOld(opened, expected) ? 'later' : 'state' };
  const signers = signersOfApproval(opened, expected);
  if ('problem' in signers) return { ...signers, mend: 'countersign' };
  const { signatures = 1 } = expected.trust.requireApproval[expected.kind] ?? {};
  if (signers.names.length < signatures) {
    const by = signers.names.join(', ');
    const problem = `it takes signatures of ${signatures} keys and has ${signers.names.length} that count (${by})`;
    return { problem, mend: 'countersign' };
  }
  const { kind, dataset, version, sha256, first } = opened;
  return { kind, dataset, version, sha256, first, signers: signers.names };
}

/** Names of those whose signatures count, be they enough or not. */
export function countedSigners(content: Uint8Array, expected: ApprovalExpectation): readonly string[] {
  const opened = openApproval(content);
  if ('problem' in opened || contentProblem(opened, expected) !== undefined) return [];
  const signers = signersOfApproval(opened, expected);
  return 'problem' in signers ? [] : signers.names;
}

/** The file that is at hand, and not one that was put in its place. */
function isTooOld({ version, sha256 }: OpenedApproval, { trust, kind, sha256: own }: ApprovalExpectation): boolean {
  return sha256 === own && version < (trust.requireApproval[kind]?.fromVersion ?? 1);
}

function contentProblem(
  { kind, dataset, version, sha256, first, created }: OpenedApproval,
  { trust, now, ...expected }: ApprovalExpectation,
): string | undefined {
  const { fromVersion = 1 } = trust.requireApproval[expected.kind] ?? {};
  if (sha256 !== expected.sha256) return `what was signed has the digest ${sha256}, this has ${expected.sha256}`;
  if (kind !== expected.kind) return `it was signed as a ${kind}`;
  if (dataset !== expected.dataset) return `it was signed for dataset ${dataset}, not ${expected.dataset}`;
  if (version < fromVersion) return `it is version ${version}, and the trust policy takes ${fromVersion} or later`;
  if ((first === null) === (kind === 'baseline')) return 'its approval does not fit its kind';
  if (version === 1 && first !== null && first !== sha256) return 'it is version 1 and names another first baseline';
  // A time that is none compares as false: it must not pass for one.
  return Date.parse(created) <= now + BEARABLE_SKEW_MS
    ? undefined
    : `it was signed at ${created}, which is yet to come`;
}

function signersOfApproval(
  { signed, created, dataset }: OpenedApproval,
  { trust, kind, now }: ApprovalExpectation,
): { readonly names: readonly string[] } | { readonly problem: string } {
  const known = signersOf(
    signed,
    trust.approvers.filter(({ kinds }) => kinds.has(kind)),
    now,
  );
  if (known.length === 0) return { problem: `nobody who may sign a ${kind} has signed it as it is` };
  const { signers, doubts } = weighSigners(known, { dataset, signed: Date.parse(created), now });
  const [doubt] = doubts;
  return doubt === undefined ? { names: namesOf(signers) } : { problem: doubt.summary };
}

/** A key counts once, whatever names it has. */
function namesOf(signers: readonly TrustedKey[]): string[] {
  const byKey = new Map(signers.map(({ key, name }) => [key instanceof KeyObject ? keyIdOf(key) : name, name]));
  return [...byKey.values()];
}
