import { createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openEnvelope, signersOf } from '../../src/attest/index.js';
import { trusted } from './keys.js';

// Source: github.com/secure-systems-lab/dsse, protocol.md and testvectors/vectors.json. Their names of keys, which are
// hints that may be left out, are left out here: Taster names keys by digest.
const coordinate = (decimal: string) =>
  Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url');
const jwk = (key: object) => createPublicKey({ key: { ...key }, format: 'jwk' });
const edwards = (hex: string) => jwk({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') });

const ofProtocol = jwk({
  ...{ kty: 'EC', crv: 'P-256' },
  x: coordinate('46950820868899156662930047687818585632848591499744589407958293238635476079160'),
  y: coordinate('5640078356564379163099075877009565129882514886557779369047442380624545832820'),
});
const a = edwards('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const b = edwards('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');

const HELLO = 'http://example.com/HelloWorld';
const IN_TOTO = 'application/vnd.in-toto+json';
const STATEMENT = 'eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ==';
const BY_A = '2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA==';
const BY_B = 'c1+67/aT0yqEpwx8PsVY3MLHsj9D0CZ014/Fv/QlG59P+9CobUZ7xECJ/V3USG0Ob9CiE5LjReEZUzNF2l7eBw==';

/** That of protocol.md is r and s beside each other; what Taster and Sigstore read is the ASN.1 of X9.62. */
function asDer(raw: string): string {
  const bytes = Buffer.from(raw, 'base64');
  const integers = [bytes.subarray(0, 32), bytes.subarray(32)].map((half) => {
    const number = (half[0] as number) < 0x80 ? half : Buffer.concat([Buffer.from([0]), half]);
    return Buffer.concat([Buffer.from([2, number.length]), number]);
  });
  const content = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]).toString('base64');
}

const OF_PROTOCOL = asDer('A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==');

/** Which of the keys have signed, by their place in the list; nobody where it is no envelope of that type. */
function signersIn(payloadType: string, payload: string, sigs: readonly string[], keys: readonly KeyObject[]) {
  const opened = openEnvelope({ payloadType, payload, signatures: sigs.map((sig) => ({ sig })) }, payloadType);
  if ('problem' in opened) return [];
  const named = keys.map((key, index) => trusted(key, { name: `${index}` }));
  return signersOf(opened, named, 0).map(({ name }) => name);
}

describe('the vectors of DSSE', () => {
  it.each<[string, string, string, string[], KeyObject[], number]>([
    ['protocol.md', HELLO, 'aGVsbG8gd29ybGQ=', [OF_PROTOCOL], [ofProtocol], 1],
    ['another payload under the signature of protocol.md', HELLO, 'aGVsbG8gd29ybGA=', [OF_PROTOCOL], [ofProtocol], 0],
    ['single-signature', IN_TOTO, STATEMENT, [BY_A], [a], 1],
    [
      'url-safe-base64',
      IN_TOTO,
      '-_-_Pj8=',
      ['P-_KHICeR7tI6S_YyejJTRtrXhcQyQ2LYPaL8h90KjC9qN8HU_svOQ6TuDOT1HIrsGW886DbWNWcCmX5twLrAw=='],
      [a],
      1,
    ],
    ['payload-type-swapped', 'application/vnd.example.other+json', STATEMENT, [BY_A], [a], 0],
    [
      'non-ascii-payload-type',
      'application/vnd.exämple+json',
      STATEMENT,
      ['xmSk/ug66ysT7ayhkCIjhAq42zgZXSsEWuzUaNL7w2eGAdF/NU6/fRXPtmfN+5DNSAs5/i2lUnHjbbjPsu0tAw=='],
      [a],
      1,
    ],
    [
      'empty-payload',
      IN_TOTO,
      '',
      ['gSggCAaTLTYyRH6FIDBem6meyIynsYy8RTHVzwx9tnTb7Bg/1jMWnuVgI/gffqmbsC2VX5/jHfkkDqsj7CDbDg=='],
      [a],
      1,
    ],
    ['threshold-two-without-keyids', IN_TOTO, STATEMENT, [BY_A, BY_B], [a, b], 2],
    ['threshold-two-one-key-twice', IN_TOTO, STATEMENT, [BY_A, BY_A], [a, b], 1],
  ])('%s', (_, payloadType, payload, sigs, keys, signers) => {
    expect(signersIn(payloadType, payload, sigs, keys)).toHaveLength(signers);
  });

  it('empty-payload-type: is of no type that anything is read as', () => {
    const sig = 'iC3q/+3Rm0+lpAJRueDmDh15PnwCfxKmS0NAfKsbv+zgulXQC/WM9trc+j1XEqlwDIg/vf/uNfebeD6sxInrDg==';
    expect(openEnvelope({ payloadType: '', payload: STATEMENT, signatures: [{ sig }] })).toHaveProperty('problem');
  });

  it('takes no mixture of both alphabets, which would be a second way to write the same', () => {
    expect(signersIn(IN_TOTO, STATEMENT, [BY_A.replace('+', '-')], [a])).toEqual([]);
  });
});
