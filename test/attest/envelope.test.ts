import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  envelopeText,
  keyIdOf,
  openEnvelope,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
  type SignedPayload,
  seal,
  signersOf,
} from '../../src/attest/index.js';
import type { SignedEnvelope } from '../../src/schema/index.js';
import { keyPair, privatePem, publicPem, trusted } from './keys.js';

const payload = Buffer.from('{"_type": "größer"}');

function opened(envelope: SignedEnvelope): SignedPayload {
  const outcome = openEnvelope(envelope);
  if ('problem' in outcome) throw new Error(outcome.problem);
  return outcome;
}

describe('seal', () => {
  it.each(['ed25519', 'P-256', 'P-384'] as const)('%s: the key that signed is found, another is not', (curve) => {
    const [key, other] = [keyPair(curve), keyPair(curve)];
    const envelope = seal(payload, [key.own]);
    expect(signersOf(opened(envelope), [trusted(key.open), trusted(other.open, { name: 'other' })], 0)).toHaveLength(1);
    expect(openEnvelope(JSON.parse(envelopeText(envelope)))).toMatchObject({ payload });
  });

  it('signs type and payload with their lengths, as the protocol says', () => {
    const key = keyPair();
    const { signatures } = seal(Buffer.from('hello world'), [key.own], 'http://example.com/HelloWorld');
    const message = Buffer.from('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    expect(verify(null, message, key.open, Buffer.from(signatures[0]?.sig ?? '', 'base64'))).toBe(true);
  });

  it('names a key by the digest of its public PEM file', () => {
    const { own, open } = keyPair();
    const digest = createHash('sha256').update(publicPem(open)).digest('hex');
    expect([keyIdOf(publicKeyOf(own)), keyIdOf(open), seal(payload, [own]).signatures[0]?.keyid]).toEqual([
      digest,
      digest,
      digest,
    ]);
  });
});

describe('signersOf', () => {
  const key = keyPair();
  const envelope = seal(payload, [key.own]);
  const [signature] = envelope.signatures;
  const signer = [trusted(key.open)];
  const signers = (changed: SignedEnvelope) => {
    const outcome = openEnvelope(changed);
    return 'problem' in outcome ? [] : signersOf(outcome, signer, 0);
  };

  it.each([
    ['another payload', { ...envelope, payload: Buffer.from('{}').toString('base64') }],
    ['another type', { ...envelope, payloadType: 'text/plain' }],
    [
      'the name of another key',
      { ...envelope, signatures: [{ ...signature, keyid: '0'.repeat(64), sig: signature!.sig }] },
    ],
    ['a signature written in another way', { ...envelope, signatures: [{ sig: `${signature!.sig} ` }] }],
    ['a payload written in another way', { ...envelope, payload: `${envelope.payload}\n` }],
    ['no signature', { ...envelope, signatures: [{ sig: '' }] }],
  ])('%s: nobody has signed it', (_, changed) => {
    expect(signers(changed)).toEqual([]);
  });

  it('tries a signature that names no key, as other implementations write them', () => {
    expect(signers({ ...envelope, signatures: [{ sig: signature!.sig, keyid: '' }] })).toEqual(signer);
  });
});

describe('keys', () => {
  it('takes a private key from nowhere but its own file', () => {
    const { own, open } = keyPair();
    expect(() => readPublicKey(privatePem(own), 'trust.json')).toThrow('only public ones belong here');
    expect(keyIdOf(publicKeyOf(readPrivateKey(privatePem(own), 'key.pem')))).toBe(keyIdOf(open));
  });

  it.each([
    ['no key', 'hello', 'holds no key in PEM form'],
    ['RSA', publicPem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), 'is a key of type rsa'],
    [
      'P-521',
      publicPem(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey),
      'is a key on the curve secp521r1',
    ],
  ])('%s: says so without showing it', (_, pem, message) => {
    expect(() => readPublicKey(pem, 'a.pem')).toThrow(`a.pem: ${message}`);
    expect(() => readPublicKey(pem, 'a.pem')).not.toThrow('hello');
  });
});
