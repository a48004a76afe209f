import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { Bug } from '../errors.js';
import { bytesOf } from './scratch-files.js';

const KINDS = [Int8Array, Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array] as const;

type Numbers = InstanceType<(typeof KINDS)[number]>;

/** Where numbers of any kind can be seen in memory. */
const ALIGNMENT = 8;

/**
 * Plain data as bytes, in pieces. Its arrays of numbers come after all else, aligned, so that they are seen where they are
 * read: how many bytes the rest has, how many arrays there are, the kind and the bytes of each, the rest, the arrays.
 */
export function pack(value: unknown): Uint8Array[] {
  const packer = new Packer();
  packer.writeHeader();
  packer.writeValue(value);
  const rest = packer.releaseBuffer();
  const layout = [rest.length, packer.arrays.length, ...packer.arrays.flatMap((one) => [kindOf(one), one.byteLength])];
  return [Float64Array.from(layout), rest, ...packer.arrays].flatMap((one) => [bytesOf(one), gapAfter(one.byteLength)]);
}

/**
 * The arrays of what comes back lie in `bytes`, which begin where numbers of any kind can be seen.
 * @throws Bug where they are not what pack has made
 */
export function unpack<T>(bytes: Buffer): T {
  const numberAt = (place: number) => bytes.readDoubleLE(place * Float64Array.BYTES_PER_ELEMENT);
  const [length, count] = [numberAt(0), numberAt(1)];
  let at = (2 + 2 * count) * Float64Array.BYTES_PER_ELEMENT;
  const rest = bytes.subarray(at, at + length);
  at = aligned(at + length);
  const arrays = Array.from({ length: count }, (_, index): Numbers => {
    const [kind, own] = [numberAt(2 + 2 * index), numberAt(3 + 2 * index)];
    const Kind = KINDS[kind];
    const isWhole = Kind !== undefined && Number.isInteger(own / Kind.BYTES_PER_ELEMENT) && own >= 0;
    // Beyond its end is what lay in the memory before.
    if (!isWhole || !(at + own <= bytes.length)) throw new Bug('what is known of a shard is damaged');
    const array = new Kind(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, own / Kind.BYTES_PER_ELEMENT);
    at = aligned(at + own);
    return array;
  });
  const unpacker = new Unpacker(rest, arrays);
  unpacker.readHeader();
  return unpacker.readValue() as T;
}

class Packer extends DefaultSerializer {
  readonly arrays: Numbers[] = [];

  /** Called for each array of numbers. */
  _writeHostObject(array: Numbers): void {
    this.writeUint32(this.arrays.length);
    this.arrays.push(array);
  }
}

class Unpacker extends DefaultDeserializer {
  constructor(
    rest: Buffer,
    readonly arrays: readonly Numbers[],
  ) {
    super(rest);
  }

  _readHostObject(): Numbers | undefined {
    return this.arrays[this.readUint32()];
  }
}

function kindOf(array: Numbers): number {
  const kind = KINDS.findIndex((Kind) => array instanceof Kind);
  if (kind === -1) throw new Bug('what is known of a shard holds numbers of a kind that is not kept');
  return kind;
}

function gapAfter(bytes: number): Uint8Array {
  return new Uint8Array(aligned(bytes) - bytes);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
