import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePlain, encodePlain } from '../../../src/baseline/artefact/codec.js';

const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 60), 5e-324, 2 ** -24, -1e-30, 65504, 1 / 3),
);
const keys = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'prototype', '0', '-1', ''),
);
const typedArrays = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, false),
    numbers,
    keys,
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    typedArrays,
    // A view into a larger buffer is stored as what it shows.
    typedArrays.map((array) => array.subarray(Math.min(1, array.length))),
    fc.array(tie('plain')),
    fc.array(fc.tuple(keys, tie('plain'))).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(fc.oneof(keys, numbers), tie('plain'))).map((entries) => new Map(entries)),
  ),
}));

/** Everything there is of a value, in its order. */
function laidOpen(value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return [value.constructor.name, ...Buffer.from(value.buffer, value.byteOffset, value.byteLength)];
  if (value instanceof Map) return ['Map', ...[...value].map((entry) => entry.map(laidOpen))];
  if (Array.isArray(value)) return ['Array', ...value.map(laidOpen)];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, laidOpen(inner)]);
  return ['Object', Object.getPrototypeOf(value) === Object.prototype, ...entries];
}

/** Object.is at the leaves: 0 is not −0. */
const sameAs = (value: unknown) => expect(laidOpen(value));

describe('plain data', () => {
  it('comes back as it was, in its order', () => {
    fc.assert(
      fc.property(plain, (value) => {
        sameAs(decodePlain(encodePlain(value))).toStrictEqual(laidOpen(value));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('has the same bytes each time', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = encodePlain(value);
        expect(Buffer.compare(encodePlain(structuredClone(value)), bytes)).toBe(0);
        expect(Buffer.compare(encodePlain(decodePlain(bytes)), bytes)).toBe(0);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('touches no prototype', () => {
    const value = JSON.parse(
      '{ "__proto__": { "poisoned": true }, "constructor": { "prototype": { "poisoned": 1 } } }',
    );
    const decoded = decodePlain(encodePlain(value)) as object;
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.keys(decoded)).toEqual(['__proto__', 'constructor']);
    expect('poisoned' in {}).toBe(false);
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a date', [new Date(0)]],
    ['a set', new Set([1])],
  ])('is not %s', (_, value) => {
    expect(() => encodePlain(value)).toThrow();
  });
});

describe('hostile bytes', () => {
  it('end in an error or in plain data, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          laidOpen(decodePlain(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  it.each([
    ['a length beyond the end', '5b0000010000000000'],
    ['an array that claims 2^40 entries', '9b0000010000000000f6'],
    ['a map that claims 2^40 entries', 'bb0000010000000000'],
    ['a Map of something else', 'd9010301'],
    ['a typed array of half a number', 'd85643010203'],
    ['a typed array of text', 'd8566161'],
    ['one key twice', 'a2616101616102'],
    ['an indefinite length', '9f01ff'],
    ['undefined', 'f7'],
    ['a date', 'c100'],
    ['a regular expression', 'd9524a816161'],
    ['an error object', 'd81b82654572726f726161'],
    ['a set', 'd9010280'],
    ['a number in a longer form', '1800'],
    ['bytes that follow', '0000'],
    ['nothing', ''],
    ['a hundred thousand nested arrays', '81'.repeat(100_000)],
    ['a hundred thousand nested tags', 'd90103'.repeat(100_000)],
  ])('are refused: %s', (_, hex) => {
    expect(() => decodePlain(Buffer.from(hex, 'hex'))).toThrow(Error);
  });
});
