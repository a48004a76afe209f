import { closeSync, fstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { BadInput } from '../errors.js';
import { type ObjectStore, orWriteFailed, writePieces } from '../store/index.js';
import { assessedFile, openParts, readInto } from './assessed-file.js';
import { withMemory } from './memory.js';
import type { ShardAssessment } from './types.js';

/** Comes before the file of what is known of the rows. */
interface Head {
  readonly assessment: ShardAssessment;
  /** Of the file; 0 where there is none. */
  readonly bytes: number;
}

/** How many bytes of head there are. */
const LENGTH_BYTES = 4;

/**
 * Has `use` everything that is known of a shard, from a scratch folder, until it is done: the same bytes for the same shard.
 * The file is read into its place: to serialize it would copy it several times.
 */
export async function packResult(
  folder: string,
  number: number,
  assessment: ShardAssessment,
  use: (bundle: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const file = openParts(folder, number);
  try {
    const bytes = file === undefined ? 0 : fstatSync(file).size;
    const head = serialize({ assessment, bytes } satisfies Head);
    const from = LENGTH_BYTES + head.length;
    await withMemory(from + bytes, async (bundle) => {
      bundle.writeUInt32LE(head.length);
      bundle.set(head, LENGTH_BYTES);
      if (file !== undefined) readInto(file, bundle.subarray(from), 0);
      await use(bundle);
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Removes it from the folder, or what there is of it. @throws Transient WRITE_FAILED */
export async function dropResult(folder: string, number: number): Promise<void> {
  await orWriteFailed(folder, () => rm(assessedFile(folder, number), { force: true }));
}

/**
 * Puts it into a scratch folder as if the shard had been assessed there, as it comes in: at no time is more than a piece of
 * it in memory.
 * @throws BadInput RECORD_DAMAGED where it is longer or shorter than it says; Transient READ_FAILED, WRITE_FAILED
 */
export function unpackResult(
  folder: string,
  number: number,
  { store, uri }: { readonly store: Pick<ObjectStore, 'stream'>; readonly uri: string },
): Promise<ShardAssessment> {
  return orWriteFailed(folder, async () => {
    const content = new Pieces(uri, store.stream(uri));
    try {
      const length = (await content.whole(LENGTH_BYTES)).readUInt32LE();
      const { assessment, bytes } = deserialize(await content.whole(length)) as Head;
      if (bytes > 0) await writePieces(assessedFile(folder, number), content.take(bytes));
      await content.end();
      return assessment;
    } finally {
      await content.close();
    }
  });
}

/** What comes in, cut anew. */
class Pieces {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(
    readonly uri: string,
    chunks: AsyncIterable<Uint8Array>,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next so many bytes. */
  async *take(bytes: number): AsyncGenerator<Uint8Array> {
    for (let missing = bytes; missing > 0; ) {
      if (this.#rest.length === 0) this.#rest = (await this.#next()) ?? this.#damaged('it ends too early');
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async whole(bytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.take(bytes)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Only after its last byte is known whether it came over whole. */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#next()) !== undefined) this.#damaged('it does not end where it should');
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#chunks.next();
    return done === true ? undefined : value;
  }

  #damaged(detail: string): never {
    throw new BadInput('RECORD_DAMAGED', { path: this.uri, detail });
  }
}
