import { type DecodeOptions, decode, type EncodeOptions, encode, type TagDecoder } from 'cborg';
import * as tags from 'cborg/taglib';
import { Bug } from '../../errors.js';

/** Typed arrays under the tags of RFC 8746, little-endian. */
const TYPED_ARRAYS = {
  Int8Array: [tags.TAG_INT8_ARRAY, tags.int8ArrayEncoder, tags.int8ArrayDecoder],
  Uint8Array: [tags.TAG_UINT8_ARRAY, tags.uint8ArrayEncoder, tags.uint8ArrayDecoder],
  Int16Array: [tags.TAG_INT16_ARRAY_LE, tags.int16ArrayEncoder, tags.int16ArrayDecoder],
  Uint16Array: [tags.TAG_UINT16_ARRAY_LE, tags.uint16ArrayEncoder, tags.uint16ArrayDecoder],
  Int32Array: [tags.TAG_INT32_ARRAY_LE, tags.int32ArrayEncoder, tags.int32ArrayDecoder],
  Uint32Array: [tags.TAG_UINT32_ARRAY_LE, tags.uint32ArrayEncoder, tags.uint32ArrayDecoder],
  BigInt64Array: [tags.TAG_BIGINT64_ARRAY_LE, tags.bigInt64ArrayEncoder, tags.bigInt64ArrayDecoder],
  BigUint64Array: [tags.TAG_BIGUINT64_ARRAY_LE, tags.bigUint64ArrayEncoder, tags.bigUint64ArrayDecoder],
  Float32Array: [tags.TAG_FLOAT32_ARRAY_LE, tags.float32ArrayEncoder, tags.float32ArrayDecoder],
  Float64Array: [tags.TAG_FLOAT64_ARRAY_LE, tags.float64ArrayEncoder, tags.float64ArrayDecoder],
} as const;

const encodeOptions: EncodeOptions = {
  // The order of a Map is part of its value: floating-point sums run along it.
  mapSorter: () => 0,
  typeEncoders: {
    ...Object.fromEntries(Object.entries(TYPED_ARRAYS).map(([name, [, encoder]]) => [name, encoder])),
    Map: tags.mapEncoder,
    number: tags.negativeZeroEncoder,
    bigint: tags.structBigIntEncoder,
    undefined: () => {
      throw new Bug('a value to be stored holds undefined, which is no plain data');
    },
  },
};

const tagDecoders: Readonly<Record<number, TagDecoder>> = {
  ...Object.fromEntries(Object.values(TYPED_ARRAYS).map(([tag, , decoder]) => [tag, decoder])),
  [tags.TAG_MAP]: tags.mapDecoder,
  [tags.TAG_BIGINT_POS]: tags.bigIntDecoder,
  [tags.TAG_BIGINT_NEG]: tags.bigNegIntDecoder,
};

/** Nothing but plain data comes out of hostile bytes: no dates, expressions, errors or classes, one form for each value. */
const decodeOptions: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  rejectDuplicateMapKeys: true,
  tags: tagDecoders,
};

/**
 * CBOR (RFC 8949) of plain data: null, booleans, numbers, bigints, well-formed strings, arrays, objects, Maps and typed
 * arrays, each as it is and in its order; the same bytes for the same value. @throws Bug for undefined
 */
export function encodePlain(value: unknown): Uint8Array {
  return encode(value, encodeOptions);
}

/** What was encoded. Throws an Error of no particular class where the bytes are not what encodePlain writes. */
export function decodePlain(bytes: Uint8Array): unknown {
  return decode(bytes, decodeOptions);
}
