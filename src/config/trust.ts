import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import {
  parseJson,
  readCertificate,
  readPrivateKey,
  readPublicKey,
  readTrustedRoot,
  type SigningKey,
  type Trust,
  type TrustedKey,
} from '../attest/index.js';
import { BadInput } from '../errors.js';
import {
  type SigningCommand as SigningCommandFile,
  schemaProblem,
  type TrustedSender,
  type TrustPolicy,
  trustProblems,
} from '../schema/index.js';
import { assertPath, readJson, readText } from './json-file.js';

/**
 * The trust policy of a file, its keys read.
 * @throws BadInput PATH_MISSING, TRUST_INVALID naming every problem at once, KEY_UNUSABLE; Transient READ_FAILED
 */
export function loadTrust(path: string): Trust {
  const value = readJson(path, 'TRUST_INVALID');
  const problems = trustProblems(value);
  if (problems.length > 0) throw new BadInput('TRUST_INVALID', { path, detail: problems.join('; ') });
  const { senders, verifiers, approvers, advise, onFault, requireStatus, requireApproval } =
    value as Required<TrustPolicy>;
  const auditors = (value as TrustPolicy).auditors?.map((auditor) => ({ ...auditor, datasets: ANY_DATASET }));
  // Of what the policy says and of the keys themselves, wherever their files lie.
  const timeless = [...senders, ...verifiers, ...approvers, ...(auditors ?? [])].flatMap(({ name, from, until }) =>
    [from, until].flatMap((time) =>
      Number.isNaN(Date.parse(time ?? ANY_TIME)) ? [`${name}: ${time} is no time`] : [],
    ),
  );
  if (timeless.length > 0) throw new BadInput('TRUST_INVALID', { path, detail: timeless.join('; ') });
  const contradicted = advise.filter((reason) => (onFault[reason] ?? 'advise') !== 'advise');
  if (contradicted.length > 0) {
    throw new BadInput('TRUST_INVALID', {
      path,
      detail: `advise and onFault contradict each other: ${contradicted.join()}`,
    });
  }
  const digest = createHash('sha256').update(JSON.stringify(value));
  const keysOf = (entries: readonly Entry[]) =>
    entries.map((entry) => {
      const key = findKey(entry, dirname(resolve(path)));
      digest.update(key.text);
      return trustedKey(entry, anchorOf(entry, key));
    });
  const read = {
    senders: keysOf(senders),
    verifiers: keysOf(verifiers),
    approvers: keysOf(approvers).map((key, index) => ({ ...key, kinds: new Set(approvers[index]?.kinds) })),
  };
  return Object.freeze({
    ...read,
    auditors: auditors === undefined ? read.verifiers : keysOf(auditors),
    requireApproval,
    onFault: { ...onFault, ...Object.fromEntries(advise.map((reason) => [reason, 'advise'])) },
    requiresStatus: requireStatus,
    sha256: digest.digest('hex'),
  });
}

/**
 * What a file says to sign with: a private key in PEM form, or a command in JSON.
 * @throws BadInput PATH_MISSING, KEY_UNUSABLE; Transient READ_FAILED
 */
export function loadSigningKey(path: string): SigningKey {
  assertPath(path, 'the key to sign with');
  const text = readText(path, 'KEY_UNUSABLE');
  if (!text.trimStart().startsWith('{')) return readPrivateKey(text, path);
  const value = parseJson(Buffer.from(text));
  const problem = schemaProblem('signing-key', value);
  if (problem !== undefined) throw new BadInput('KEY_UNUSABLE', { path, detail: problem });
  const { publicKey, command } = value as SigningCommandFile;
  assertPath(publicKey, `publicKey of ${path}`);
  const keyPath = resolve(dirname(path), publicKey);
  const [program = '', ...parameters] = command;
  return {
    publicKey: readPublicKey(readText(keyPath, 'KEY_UNUSABLE'), keyPath),
    command: [/^\.\.?\//.test(program) ? resolve(dirname(path), program) : program, ...parameters],
  };
}

/** A log is of one dataset, or of all that somebody reads; its checkpoints name none. */
const ANY_DATASET = ['*'];
const ANY_TIME = '1970-01-01';

/** Verifiers have all of it but sources. */
type Entry = TrustedSender;

interface KeyText {
  /** For errors. */
  readonly path: string;
  readonly text: string;
}

function findKey({ name, key }: Entry, folder: string): KeyText {
  if (key.includes('-----BEGIN')) return { path: `key of ${name}`, text: key };
  assertPath(key, `key of ${name}`);
  const path = resolve(folder, key);
  return { path, text: readText(path, 'KEY_UNUSABLE') };
}

/** What an entry traces signatures back to: a key, a certificate with an identity, or Sigstore with identity and issuer. */
function anchorOf({ identity, issuer }: Entry, { path, text }: KeyText): TrustedKey['key'] {
  const refuse = (detail: string) => new BadInput('TRUST_INVALID', { path, detail });
  const isCertificate = text.includes('BEGIN CERTIFICATE');
  if (issuer !== undefined) {
    const material = readTrustedRoot(parseJson(Buffer.from(text)));
    if (material === undefined) throw refuse('has an issuer but is no trusted root of Sigstore');
    if (identity === undefined) throw refuse('has an issuer: identity must say who has to sign');
    return { material, identity, issuer };
  }
  if (identity !== undefined) {
    const root = isCertificate ? readCertificate(text) : undefined;
    if (root?.ca !== true) throw refuse('has an identity but is no certificate of an authority');
    return { root, identity };
  }
  if (isCertificate) throw refuse('is a certificate: identity must say whom it has to speak for');
  return readPublicKey(text, path);
}

function trustedKey(
  { name, datasets, sources, from, until, revoked = false }: Entry,
  key: TrustedKey['key'],
): TrustedKey {
  return Object.freeze({
    name,
    key,
    datasets,
    sources,
    from: from === undefined ? -Infinity : Date.parse(from),
    until: until === undefined ? Infinity : Date.parse(until),
    isRevoked: revoked,
  });
}
