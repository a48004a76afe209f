import { createRequire } from 'node:module';

export type ParquetReader = typeof import('parquet-wasm');

const PAGE_BYTES = 2 ** 16;
/** WebAssembly addresses 4 GiB. */
const MOST_PAGES = 2 ** 16;
/** WebAssembly memory never shrinks: a reader grown beyond this is dropped after use. */
const KEPT_BYTES = 512 * 2 ** 20;

const require = createRequire(import.meta.url);
let reader: { readonly instance: ParquetReader; readonly mostBytes: number } | undefined;

/**
 * A reader whose memory cannot grow beyond `mostBytes`: the last line of defence, as nothing in a Parquet file tells
 * for sure how large it decodes (a page may hold more than it says, a short run of indices stand for long texts).
 * Loaded through `require` because only then can a broken or bloated instance be thrown away.
 */
export function parquetReader(mostBytes: number): ParquetReader {
  if (reader && reader.mostBytes < mostBytes) dropReader();
  reader ??= { instance: loadBounded(mostBytes), mostBytes };
  return reader.instance;
}

/** Whatever failed may have left the instance half-way through its work: the next shard gets a new one. */
export function dropReader(): void {
  delete require.cache[require.resolve('parquet-wasm')];
  reader = undefined;
}

export function dropBloatedReader(): void {
  const memory = reader?.instance.wasmMemory() as WebAssembly.Memory | undefined;
  if (memory && memory.buffer.byteLength > KEPT_BYTES) dropReader();
}

/** The package compiles its code while it is loaded, and offers no other place to say how much memory it may have. */
function loadBounded(mostBytes: number): ParquetReader {
  const { Module } = WebAssembly;
  const pages = Math.min(MOST_PAGES, Math.ceil(mostBytes / PAGE_BYTES));
  WebAssembly.Module = class extends Module {
    constructor(code: BufferSource) {
      super(withMemoryLimit(code as Uint8Array<ArrayBuffer>, pages));
    }
  };
  try {
    return require('parquet-wasm') as ParquetReader;
  } finally {
    WebAssembly.Module = Module;
  }
}

const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/** The module with a maximum in its memory section. Source: WebAssembly core specification 5.5.8. */
function withMemoryLimit(code: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> {
  for (let at = HEADER_BYTES; at < code.length; ) {
    const [size, body] = readUnsigned(code, at + 1);
    if (code[at] === MEMORY_SECTION && code[body] === 1 && code[body + 1] === 0) {
      const [, afterMinimum] = readUnsigned(code, body + 2);
      const section = [1, HAS_MAXIMUM, ...code.subarray(body + 2, afterMinimum), ...unsigned(pages)];
      const parts = [code.subarray(0, at), [MEMORY_SECTION, ...unsigned(section.length), ...section]];
      return Buffer.concat([...parts.map((part) => Buffer.from(part)), code.subarray(body + size)]);
    }
    at = body + size;
  }
  throw new Error('the Parquet reader has no memory of its own to limit');
}

/** LEB128: the number, and where it ends. */
function readUnsigned(code: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = code[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at + 1];
  }
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(Math.floor(value / 0x80))];
}
