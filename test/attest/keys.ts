import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Trust, TrustedKey } from '../../src/attest/index.js';

/** A fresh pair of keys. */
export function keyPair(curve: 'ed25519' | 'P-256' | 'P-384' = 'ed25519'): { own: KeyObject; open: KeyObject } {
  const { privateKey, publicKey } =
    curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
  return { own: privateKey, open: publicKey };
}

export function trusted(key: KeyObject, rest: Partial<TrustedKey> = {}): TrustedKey {
  const any = { from: -Infinity, until: Infinity, isRevoked: false, sources: undefined };
  return { name: 'acme', key, datasets: ['weather'], ...any, ...rest };
}

export function trust(rest: Partial<Trust> = {}): Trust {
  const none = { senders: [], verifiers: [], approvers: [], requireApproval: {}, onFault: {} };
  return { sha256: 'f'.repeat(64), ...none, auditors: rest.verifiers ?? [], requiresStatus: false, ...rest };
}

export const publicPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
export const privatePem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
