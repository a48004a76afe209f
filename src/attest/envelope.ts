import { type KeyObject, verify, type X509Certificate } from 'node:crypto';
import { type SignedEnvelope, schemaProblem } from '../schema/index.js';
import { type Authority, certifiedKey } from './certificates.js';
import { digestFor, keyIdOf } from './keys.js';
import { publicKeyOf, requireDigest, type SigningKey, signWith } from './signing-key.js';
import { type SigstoreAuthority, signedAs } from './sigstore.js';

const IN_TOTO = 'application/vnd.in-toto+json';

/** Puts a payload under signatures. Source: DSSE protocol, version 1. */
export function seal(payload: Uint8Array, keys: readonly SigningKey[], payloadType = IN_TOTO): SignedEnvelope {
  const message = preAuthentication(payloadType, payload);
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: keys.map((key) => ({
      keyid: keyIdOf(publicKeyOf(key)),
      sig: signWith(key, message).toString('base64'),
    })),
  };
}

/** The text of an envelope: the same bytes for the same content. */
export function envelopeText(envelope: SignedEnvelope): string {
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** What a signature is traced back to: a key, or an authority that vouches for keys. */
export type Anchor = KeyObject | Authority | SigstoreAuthority;

/** A payload, who has signed it, and certificates that speak for their keys. */
export interface SignedPayload {
  readonly envelope: SignedEnvelope;
  readonly payload: Buffer;
  /** The signer's first; empty where keys are known by themselves. */
  readonly certificates: readonly X509Certificate[];
  /** A Sigstore bundle, where it was signed without a lasting key. */
  readonly bundle?: unknown;
}

/** An envelope whose payload is of a type, or what is wrong with it. */
export function openEnvelope(value: unknown, payloadType = IN_TOTO): SignedPayload | { readonly problem: string } {
  const problem = schemaProblem('envelope', value);
  if (problem !== undefined) return { problem };
  const envelope = value as SignedEnvelope;
  if (envelope.payloadType !== payloadType) return { problem: `its payload is no ${payloadType}` };
  const payload = fromBase64(envelope.payload);
  return payload === undefined ? { problem: 'its payload is not base64' } : { envelope, payload, certificates: [] };
}

/** By which of the keys that a signer stands for it has signed. */
export interface SignedBy<Signer> {
  readonly signer: Signer;
  /** SHA-256 of the public key; null where it was for this signature alone. */
  readonly key: string | null;
  /** What its certificate says; none of a key that is known by itself. */
  readonly identities: readonly string[];
}

/** Those of the signers that have signed the payload. */
export function signersOf<Signer extends { readonly key: Anchor }>(
  payload: SignedPayload,
  signers: readonly Signer[],
  now: number,
): Signer[] {
  return signaturesOf(payload, signers, now).map(({ signer }) => signer);
}

/** The same, with how each of them has signed. A signature that names another key is not tried. */
export function signaturesOf<Signer extends { readonly key: Anchor }>(
  { envelope: { payloadType, signatures }, payload, certificates, bundle }: SignedPayload,
  signers: readonly Signer[],
  now: number,
): SignedBy<Signer>[] {
  const message = preAuthentication(payloadType, payload);
  return signers.flatMap((signer): SignedBy<Signer>[] => {
    const { key: anchor } = signer;
    if ('issuer' in anchor) {
      const name = bundle === undefined ? undefined : signedAs(bundle, anchor);
      return name === undefined ? [] : [{ signer, key: null, identities: [name] }];
    }
    const known = 'root' in anchor ? certifiedKey(certificates, anchor, now) : { key: anchor, identities: [] };
    if (known === undefined || digestFor(known.key) === undefined) return [];
    const { key, identities } = known;
    const id = keyIdOf(key);
    const isSigned = signatures.some(({ keyid, sig }) => (!keyid || keyid === id) && isSignature(sig, message, key));
    return isSigned ? [{ signer, key: id, identities }] : [];
  });
}

function isSignature(sig: string, message: Buffer, key: KeyObject): boolean {
  const signature = fromBase64(sig);
  return signature !== undefined && verify(requireDigest(key), message, key, signature);
}

/** What is signed: type and payload, each with its length, so that neither can pass for part of the other. */
function preAuthentication(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Undefined unless it is the one way to write these bytes, in the standard alphabet or the one that is safe in URLs. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const standard = bytes.toString('base64');
  const isCanonical = text === standard || text === standard.replaceAll('+', '-').replaceAll('/', '_');
  return isCanonical ? bytes : undefined;
}
