import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { BadInput } from '../errors.js';

/** What each curve signs a digest of; Ed25519 takes the message itself. */
const digestOfCurve: Readonly<Record<string, string>> = { prime256v1: 'sha256', secp384r1: 'sha384' };

/**
 * The public key of a PEM text.
 * @param path where it comes from, for errors
 * @throws BadInput KEY_UNUSABLE
 */
export function readPublicKey(pem: string, path: string): KeyObject {
  // createPublicKey would take a private key as well, which has no business where others can read it.
  if (pem.includes('PRIVATE KEY')) throw unusable(path, 'is a private key: only public ones belong here');
  return supported(path, () => createPublicKey(pem));
}

/** The private key of a PEM text without passphrase. @throws BadInput KEY_UNUSABLE */
export function readPrivateKey(pem: string, path: string): KeyObject {
  const isPublic = pem.includes('PUBLIC KEY') && !pem.includes('PRIVATE KEY');
  if (isPublic) throw unusable(path, 'is a public key: signing takes the private one');
  return supported(path, () => createPrivateKey(pem));
}

/** SHA-256 of the public key's PEM text: what `sha256sum` says of the file, and what model-signing writes as hint. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
}

/** What to sign with this key beside the message: null for Ed25519. */
export function digestFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null | undefined {
  if (asymmetricKeyType === 'ed25519') return null;
  return asymmetricKeyType === 'ec' ? digestOfCurve[asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
}

function supported(path: string, parse: () => KeyObject): KeyObject {
  const key = parsed(path, parse);
  if (digestFor(key) !== undefined) return key;
  const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve } = {} } = key;
  throw unusable(path, namedCurve === undefined ? `is a key of type ${type}` : `is a key on the curve ${namedCurve}`);
}

function parsed(path: string, parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch (cause) {
    // The library's own words may quote what it was given.
    throw unusable(path, 'holds no key in PEM form, or one with a passphrase', cause);
  }
}

function unusable(path: string, detail: string, cause?: unknown): BadInput {
  return new BadInput('KEY_UNUSABLE', { path, detail }, cause);
}
