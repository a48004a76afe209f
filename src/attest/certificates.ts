import { type KeyObject, X509Certificate } from 'node:crypto';
import { covers } from './names.js';

/** A root whose word on who holds a key is taken, and whom it must have vouched for. */
export interface Authority {
  readonly root: X509Certificate;
  /** A subject alternative name, or where there is none the common name; a last * stands for any ending. */
  readonly identity: string;
}

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const MOST_LINKS = 8;

export interface CertifiedKey {
  readonly key: KeyObject;
  /** What its certificate names that the authority is asked for. */
  readonly identities: readonly string[];
}

/**
 * The key of the first certificate where a chain of the others leads to the root, all valid `now`, and it is one for signing
 * by that identity. Source: RFC 5280, section 6, without name and policy constraints.
 */
export function certifiedKey(
  chain: readonly X509Certificate[],
  { root, identity }: Authority,
  now: number,
): CertifiedKey | undefined {
  const [leaf] = chain;
  const identities = leaf === undefined ? [] : identitiesOf(leaf, identity);
  if (leaf === undefined || identities.length === 0 || !isCurrent(root, now)) return undefined;
  let current = leaf;
  for (let link = 0; link < MOST_LINKS && isCurrent(current, now); link++) {
    if (isIssued(current, root)) return { key: leaf.publicKey, identities };
    const issuer = chain.find((candidate) => candidate.ca && candidate !== current && isIssued(current, candidate));
    if (issuer === undefined) return undefined;
    current = issuer;
  }
  return undefined;
}

/** The certificate of a DER or PEM form, or undefined. */
export function readCertificate(content: Uint8Array | string): X509Certificate | undefined {
  try {
    return new X509Certificate(content);
  } catch {
    return undefined;
  }
}

function isIssued(subject: X509Certificate, issuer: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function isCurrent({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}

/** Those that are meant; none of a certificate that is not for signing. */
function identitiesOf({ keyUsage, subject, subjectAltName }: X509Certificate, identity: string): string[] {
  if (!(keyUsage ?? []).includes(CODE_SIGNING)) return [];
  const names = subjectAltName === undefined ? commonNames(subject) : alternativeNames(subjectAltName);
  return names.filter((name) => covers([identity], name));
}

function commonNames(subject: string | undefined): string[] {
  return (subject ?? '').split('\n').flatMap((part) => (part.startsWith('CN=') ? [part.slice(3)] : []));
}

/** Names with characters that would need quoting are no identities: they could pass for several. */
function alternativeNames(text: string): string[] {
  return text.includes('"') ? [] : text.split(', ').map((part) => part.slice(part.indexOf(':') + 1));
}
