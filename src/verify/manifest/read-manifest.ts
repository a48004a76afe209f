import {
  openBundle,
  openEnvelope,
  parseJson,
  type SignedBy,
  type SignedPayload,
  signaturesOf,
  type Trust,
  type TrustedKey,
  weighSigners,
} from '../../attest/index.js';
import { BadInput } from '../../errors.js';
import { type ManifestStatement, schemaProblem } from '../../schema/index.js';
import { sha256Of } from '../../store/index.js';
import { MODEL_SIGNING, readModelSigning } from './model-signing.js';
import type { Claim, FaultReason, FoundManifest, ProvenanceFault } from './types.js';

/** What a manifest is checked against. */
export interface Expectation {
  readonly trust: Trust | undefined;
  /** Undefined: whatever the manifest says. */
  readonly dataset: string | undefined;
  readonly batch: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ReadManifest {
  /** Null where it cannot be read as one. */
  readonly manifest: FoundManifest | null;
  readonly faults: readonly ProvenanceFault[];
}

const BEARABLE_SKEW_MS = 5 * 60_000;

/** Reads a manifest, bare or in an envelope, and says what keeps it from being believed. */
export function readManifest(content: Uint8Array, expected: Expectation): ReadManifest {
  const sha256 = sha256Of(content);
  const opened = openManifest(content);
  if ('problem' in opened) {
    return { manifest: null, faults: [held('manifest-unreadable', `the manifest cannot be read: ${opened.problem}`)] };
  }
  const { claim, signed } = opened;
  const { signatures, faults } = checkSigners(claim, signed, expected);
  const signers = signatures.map(({ signer }) => signer);
  return {
    manifest: {
      sha256,
      claim,
      signers: signers.map(({ name }) => name),
      sources: sourcesOf(signers),
      signatures: signatures.map(({ signer, key, identities }) => ({ signer: signer.name, key, identities })),
    },
    faults: [...faults, ...timeFaults(claim, expected), ...addressFaults(claim, expected)],
  };
}

/** What is said where a manifest should be and none is. */
export function missingManifest(trust: Trust): ProvenanceFault {
  const summary = 'there is no manifest, so that nothing shows who sent the batch and whether it is whole';
  return held('no-manifest', summary, trust);
}

/** What a manifest claims, and its bytes in an envelope; undefined where it is not signed. */
type Opened = { readonly claim: Claim; readonly signed: SignedPayload | undefined } | { readonly problem: string };

/** The claim of a manifest, whoever has signed it: a bare statement, one in an envelope or one in a bundle. */
export function openManifest(content: Uint8Array): Opened {
  const value = parseJson(content);
  if (!isObject(value)) return { problem: 'it is no JSON object' };
  const isBundle = 'dsseEnvelope' in value;
  if (!isBundle && !('payload' in value)) return asClaim(value, undefined);
  const signed = isBundle ? openBundle(value) : openEnvelope(value);
  return 'problem' in signed ? signed : asClaim(parseJson(signed.payload), signed);
}

/** Keys count for datasets: where neither manifest nor user names one, none can. @throws BadInput USAGE */
export function requireNamedDataset(
  content: Uint8Array | undefined,
  { trust, dataset }: { readonly trust?: Trust | undefined; readonly dataset?: string | undefined },
): void {
  if (content === undefined || trust === undefined || dataset !== undefined) return;
  const opened = openManifest(content);
  if ('problem' in opened || opened.claim.dataset !== undefined) return;
  throw new BadInput('USAGE', { detail: 'the signature names no dataset: say --dataset' });
}

function asClaim(value: unknown, signed: SignedPayload | undefined): Opened {
  const read =
    isObject(value) && 'predicateType' in value && value.predicateType === MODEL_SIGNING
      ? readModelSigning(value)
      : readStatement(value);
  return 'problem' in read ? read : { ...read, signed };
}

function readStatement(value: unknown): { readonly claim: Claim } | { readonly problem: string } {
  const problem = schemaProblem('manifest', value);
  if (problem !== undefined) return { problem };
  const { subject, predicate } = value as ManifestStatement;
  return { claim: { shards: subject, ...predicate } };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function checkSigners(
  { dataset, created }: Claim,
  signed: SignedPayload | undefined,
  { trust, now, dataset: expected = '' }: Expectation,
): { signatures: readonly SignedBy<TrustedKey>[]; faults: readonly ProvenanceFault[] } {
  if (trust === undefined) return { signatures: [], faults: [] };
  if (signed === undefined) {
    return { signatures: [], faults: [held('unsigned', 'the manifest is not signed', trust)] };
  }
  const known = signaturesOf(signed, trust.senders, now);
  if (known.length === 0) {
    return { signatures: [], faults: [held('unknown-key', 'no trusted key has signed the manifest as it is')] };
  }
  const at = { dataset: dataset ?? expected, signed: created === undefined ? now : Date.parse(created), now };
  const { signers, doubts } = weighSigners(
    known.map(({ signer }) => signer),
    at,
  );
  const signatures = known.filter(({ signer }) => signers.includes(signer));
  return { signatures, faults: doubts.map(({ code, summary }) => held(code, summary)) };
}

function sourcesOf(signers: readonly TrustedKey[]): readonly string[] | undefined {
  const sources = signers.map((signer) => signer.sources);
  return sources.length === 0 || sources.includes(undefined) ? undefined : sources.flatMap((names) => names ?? []);
}

function timeFaults({ created, expires }: Claim, { now, trust }: Expectation) {
  const faults: ProvenanceFault[] = [];
  // A time that is none compares as false: it must not pass for one.
  if (created !== undefined && !(Date.parse(created) <= now + BEARABLE_SKEW_MS)) {
    faults.push(held('from-the-future', `the manifest says that it was made at ${created}, which is yet to come`));
  }
  if (expires !== undefined && !(now < Date.parse(expires))) {
    faults.push(held('expired', `the manifest expired at ${expires}`, trust));
  }
  return faults;
}

function addressFaults(claim: Claim, { dataset, batch }: Expectation): ProvenanceFault[] {
  const faults: ProvenanceFault[] = [];
  if (dataset !== undefined && claim.dataset !== undefined && claim.dataset !== dataset) {
    faults.push(held('wrong-dataset', `the manifest is for dataset ${claim.dataset}, not ${dataset}`));
  }
  if (claim.batch !== undefined && claim.batch !== batch) {
    faults.push(held('wrong-batch', `the manifest is for batch ${claim.batch}, not ${batch}`));
  }
  return faults;
}

export function held(reason: FaultReason, summary: string, trust?: Trust): ProvenanceFault {
  return { kind: 'provenance', reason, summary, holds: trust?.onFault[reason] !== 'advise' };
}
