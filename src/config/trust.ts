import { createHash, type KeyObject } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { readCertificate, readPrivateKey, readPublicKey, type Trust, type TrustedKey } from '../attest/index.js';
import { BadInput } from '../errors.js';
import { type TrustedSender, type TrustPolicy, trustProblems } from '../schema/index.js';
import { readJson, readText } from './json-file.js';

/**
 * The trust policy of a file, its keys read.
 * @throws BadInput PATH_MISSING, TRUST_INVALID naming every problem at once, KEY_UNUSABLE; Transient READ_FAILED
 */
export function loadTrust(path: string): Trust {
  const value = readJson(path, 'TRUST_INVALID');
  const problems = trustProblems(value);
  if (problems.length > 0) throw new BadInput('TRUST_INVALID', { path, detail: problems.join('; ') });
  const { senders, verifiers, advise } = value as Required<TrustPolicy>;
  const keysOf = (entries: readonly Entry[]) => entries.map((entry) => trustedKey(entry, dirname(resolve(path))));
  const read = { senders: keysOf(senders), verifiers: keysOf(verifiers) };
  return Object.freeze({ ...read, advise: new Set(advise), sha256: digestOf({ ...read, advise }) });
}

/** The private key of a PEM file. @throws BadInput PATH_MISSING, KEY_UNUSABLE; Transient READ_FAILED */
export function loadSigningKey(path: string): KeyObject {
  return readPrivateKey(readText(path, 'KEY_UNUSABLE'), path);
}

type Entry = TrustedSender;

function trustedKey(
  { name, datasets, sources, from, until, revoked = false, ...entry }: Entry,
  folder: string,
): TrustedKey {
  return Object.freeze({
    name,
    key: readKey(name, entry, folder),
    datasets,
    sources,
    from: from === undefined ? -Infinity : Date.parse(from),
    until: until === undefined ? Infinity : Date.parse(until),
    isRevoked: revoked,
  });
}

/** A key by itself, or with an identity the authority that vouches for it. */
function readKey(name: string, { key, identity }: Pick<Entry, 'key' | 'identity'>, folder: string): TrustedKey['key'] {
  const isPem = key.includes('-----BEGIN');
  const path = isPem ? `key of ${name}` : resolve(folder, key);
  const pem = isPem ? key : readText(path, 'KEY_UNUSABLE');
  const isCertificate = pem.includes('BEGIN CERTIFICATE');
  if (isCertificate !== (identity !== undefined)) {
    const detail = isCertificate
      ? 'is a certificate: identity must say whom it speaks for'
      : 'has an identity but is no certificate';
    throw new BadInput('KEY_UNUSABLE', { path, detail });
  }
  if (identity === undefined) return readPublicKey(pem, path);
  const root = readCertificate(pem);
  if (root?.ca !== true) throw new BadInput('KEY_UNUSABLE', { path, detail: 'is no certificate of an authority' });
  return { root, identity };
}

/** Of what the policy says and of the keys themselves, wherever their files lie. */
function digestOf({
  senders,
  verifiers,
  advise,
}: { [list in 'senders' | 'verifiers']: TrustedKey[] } & { advise: unknown }) {
  const plain = (keys: readonly TrustedKey[]) =>
    keys.map(({ key, from, until, ...rest }) => ({
      ...rest,
      key: 'root' in key ? [key.root.toString(), key.identity] : key.export({ type: 'spki', format: 'pem' }),
      from: String(from),
      until: String(until),
    }));
  const content = JSON.stringify({ senders: plain(senders), verifiers: plain(verifiers), advise });
  return createHash('sha256').update(content).digest('hex');
}
