import type { ApprovableKind, FaultVerdicts, RequiredApprovals } from '../schema/index.js';
import type { Anchor } from './envelope.js';
import { covers } from './names.js';

/** A key whose signatures count. */
export interface TrustedKey {
  readonly name: string;
  readonly key: Anchor;
  /** Names, each in full or with a last * for any ending. */
  readonly datasets: readonly string[];
  /** Undefined: any. */
  readonly sources: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly isRevoked: boolean;
}

export interface TrustedApproverKey extends TrustedKey {
  /** What it may sign. */
  readonly kinds: ReadonlySet<ApprovableKind>;
}

/** Whose signatures count, for what and when. */
export interface Trust {
  readonly sha256: string;
  readonly senders: readonly TrustedKey[];
  readonly verifiers: readonly TrustedKey[];
  /** Who may sign checkpoints: verifiers, where no others are named. */
  readonly auditors: readonly TrustedKey[];
  /** Who may sign what batches are judged by. */
  readonly approvers: readonly TrustedApproverKey[];
  /** Of each kind that is named here nothing counts without their signatures. */
  readonly requireApproval: RequiredApprovals;
  /** What a fault of a manifest holds; the batch where its reason is not named. */
  readonly onFault: FaultVerdicts;
  /** True: no verdict counts without a list of what was recalled. */
  readonly requiresStatus: boolean;
}

/** Why a signature does not count. */
interface Doubt {
  readonly code: 'revoked' | 'too-early' | 'too-late' | 'other-dataset';
  readonly summary: string;
}

/** What a signature is for, and the time at which it was given and at which it is looked at, in milliseconds since 1970. */
interface Signed {
  readonly dataset: string;
  readonly signed: number;
  readonly now: number;
}

/** Those who have signed and count. One of them is enough, whatever others there are: doubts are told where there is none. */
export function weighSigners(
  known: readonly TrustedKey[],
  signed: Signed,
): { readonly signers: readonly TrustedKey[]; readonly doubts: readonly Doubt[] } {
  const weighed = known.map((signer) => ({ signer, doubt: doubtOf(signer, signed) }));
  const signers = weighed.flatMap(({ signer, doubt }) => (doubt === undefined ? [signer] : []));
  return { signers, doubts: signers.length > 0 ? [] : weighed.flatMap(({ doubt }) => doubt ?? []) };
}

/** Why a key's signature does not count for something signed at `signed` and looked at `now`, if it does not. */
function doubtOf(
  { name, from, until, isRevoked, datasets }: TrustedKey,
  { dataset, signed, now }: Signed,
): Doubt | undefined {
  if (isRevoked) return { code: 'revoked', summary: `the key of ${name} is revoked` };
  if (signed < from) return { code: 'too-early', summary: `the key of ${name} counts from ${inWords(from)} on only` };
  if (now >= until) return { code: 'too-late', summary: `the key of ${name} has not counted since ${inWords(until)}` };
  if (covers(datasets, dataset)) return undefined;
  return { code: 'other-dataset', summary: `the key of ${name} does not count for dataset ${dataset}` };
}

function inWords(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
