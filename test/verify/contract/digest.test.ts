import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../src/schema/index.js';
import { contractDigest } from '../../../src/verify/contract/digest.js';

const sha256Of = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const digestOf = (json: string) => contractDigest(JSON.parse(json) as Contract);

/** Sample objects of RFC 8785, sections 3.2.2 and 3.2.3, and what becomes of them in UTF-8. */
const literals = String.raw`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`;
const LITERALS_IN_BYTES = `
  7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22
  3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d
  32 37 5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d`;
const names = String.raw`{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}`;
const NAMES_SORTED =
  '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
  '"\u20ac":"Euro Sign","\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}';

/** Numbers of RFC 8785, appendix B: IEEE 754 in hexadecimal, and in JSON. */
const NUMBERS: Readonly<Record<string, string>> = {
  '0000000000000000': '0',
  '8000000000000000': '0',
  '0000000000000001': '5e-324',
  '8000000000000001': '-5e-324',
  '7fefffffffffffff': '1.7976931348623157e+308',
  ffefffffffffffff: '-1.7976931348623157e+308',
  '4340000000000000': '9007199254740992',
  c340000000000000: '-9007199254740992',
  '4430000000000000': '295147905179352830000',
  '44b52d02c7e14af5': '9.999999999999997e+22',
  '44b52d02c7e14af6': '1e+23',
  '44b52d02c7e14af7': '1.0000000000000001e+23',
  '444b1ae4d6e2ef4e': '999999999999999700000',
  '444b1ae4d6e2ef4f': '999999999999999900000',
  '444b1ae4d6e2ef50': '1e+21',
  '3eb0c6f7a0b5ed8c': '9.999999999999997e-7',
  '3eb0c6f7a0b5ed8d': '0.000001',
  '41b3de4355555553': '333333333.3333332',
  '41b3de4355555554': '333333333.33333325',
  '41b3de4355555555': '333333333.3333333',
  '41b3de4355555556': '333333333.3333334',
  '41b3de4355555557': '333333333.33333343',
  becbf647612f3696: '-0.0000033333333333333333',
  '43143ff3c1cb0959': '1424953923781206.2',
};

describe('the digest of a contract', () => {
  it('is that of its bytes in the canonical form of RFC 8785', () => {
    expect(digestOf(literals)).toBe(sha256Of(Buffer.from(LITERALS_IN_BYTES.replace(/\s/g, ''), 'hex')));
    expect(digestOf(names)).toBe(sha256Of(NAMES_SORTED));
  });

  it.each(Object.entries(NUMBERS))('writes the number %s as %s', (hex, text) => {
    const numbers = [Buffer.from(hex, 'hex').readDoubleBE()];
    expect(contractDigest({ numbers } as unknown as Contract)).toBe(sha256Of(`{"numbers":[${text}]}`));
  });

  it('escapes a lone surrogate, which has no canonical form', () => {
    expect(digestOf(String.raw`{"text": "\uDEAD"}`)).toBe(sha256Of(String.raw`{"text":"\udead"}`));
  });

  it('leaves out where it came from', () => {
    expect(digestOf('{"$schema": "x", "inferred": {}, "a": {"$schema": 1}}')).toBe(sha256Of('{"a":{"$schema":1}}'));
  });
});
