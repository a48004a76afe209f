import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/assess/packed.js';

const packed = (value: unknown) => Buffer.concat(pack(value));
/** As memory for it is made: a pool's would begin anywhere. */
const inMemoryOfItsOwn = (bytes: Buffer) => Buffer.from(Uint8Array.from(bytes).buffer);
const back = (value: unknown) => unpack(inMemoryOfItsOwn(packed(value)));

describe('plain data comes back as it was', () => {
  it.each([
    ['no arrays of numbers', { name: 'é', list: [1, null, undefined, 'x'], of: new Map([['a', { b: Number.NaN }]]) }],
    ['nothing', undefined],
    ['an array alone', Float64Array.of(1, Number.NaN, -0)],
    [
      'arrays of every kind and of odd lengths',
      {
        signed: Int8Array.of(-1, 2, 3),
        bytes: [Uint8Array.of(), Uint8Array.of(255)],
        whole: { signed: Int32Array.of(-5), unsigned: Uint32Array.of(4_000_000_000) },
        real: [Float32Array.of(0.5, 1.5, 2.5), Float64Array.of(1e300), new Float64Array(0)],
      },
    ],
    ['a part of an array', { part: Float64Array.of(1, 2, 3, 4).subarray(1, 3) }],
  ])('%s', (_, value) => {
    expect(back(value)).toEqual(value);
  });

  it('arrays lie where they were read, those of eight bytes too', () => {
    const bytes = inMemoryOfItsOwn(packed({ odd: Uint8Array.of(1), wide: Float64Array.of(2, 3) }));
    const { wide } = unpack<{ wide: Float64Array }>(bytes);
    expect(wide.buffer).toBe(bytes.buffer);
    expect([...wide]).toEqual([2, 3]);
  });
});

it('numbers of other kinds are not taken for any', () => {
  expect(() => pack({ big: BigInt64Array.of(1n) })).toThrow('of a kind that is not kept');
});

describe('what is damaged is not taken for anything', () => {
  const whole = packed({ numbers: Float64Array.of(1, 2, 3) });
  /** The third and the fourth number of its head are kind and bytes of the only array. */
  const with64 = (place: number, value: number) => {
    const bytes = inMemoryOfItsOwn(whole);
    bytes.writeDoubleLE(value, place * 8);
    return bytes;
  };

  it.each([
    ['cut off', () => inMemoryOfItsOwn(whole.subarray(0, whole.length - 8))],
    ['a kind that there is not', () => with64(2, 17)],
    ['more bytes than there are', () => with64(3, 32)],
    ['a part of a number', () => with64(3, 12)],
    ['less than none', () => with64(3, -8)],
    ['no number of bytes', () => with64(3, Number.NaN)],
  ])('%s', (_, make) => {
    expect(() => unpack(make())).toThrow('what is known of a shard is damaged');
  });
});
