import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropResult, packResult, unpackResult, unreadableShard } from '../../src/assess/index.js';
import type { BadInput } from '../../src/errors.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const assessment = unreadableShard('a.csv', 'abc', 'for a reason');
const files = { 'assessed-3': Buffer.alloc(2_000, 'r') };

/** A store with one object that comes in pieces of that size. */
const inPieces = (content: Uint8Array, size: number) => ({
  uri: 's3://vault/results/one',
  store: {
    stream: async function* () {
      for (let from = 0; from < content.length; from += size) yield content.subarray(from, from + size);
    },
  },
});

let folders = 0;
const emptyFolder = () => {
  const folder = at(`folder-${folders++}`);
  mkdirSync(folder);
  return folder;
};

async function bundleOf(folder: string, number: number): Promise<Uint8Array> {
  let content = new Uint8Array(0);
  await packResult(folder, number, assessment, async (bundle) => {
    content = Uint8Array.from(bundle);
  });
  return content;
}

function packed(): Promise<Uint8Array> {
  const folder = emptyFolder();
  for (const [name, content] of Object.entries({ ...files, 'assessed-4': Buffer.from('of another shard') })) {
    writeFileSync(`${folder}/${name}`, content);
  }
  return bundleOf(folder, 3);
}

describe('the result of a shard', () => {
  it('is the same in another scratch folder, under another number, however it comes in', async () => {
    const content = await packed();
    const sizes = fc.integer({ min: 1, max: content.length });
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const folder = emptyFolder();
        expect(await unpackResult(folder, 7, inPieces(content, size))).toEqual(assessment);
        const unpacked = readdirSync(folder).map((name) => [
          name.replace('-7', '-3'),
          readFileSync(`${folder}/${name}`),
        ]);
        expect(Object.fromEntries(unpacked)).toEqual(files);
        expect(await bundleOf(folder, 7)).toEqual(content);
      }),
      { numRuns: 20 },
    );
  });

  it('is refused where it is cut off, wherever that is, or something follows it', async () => {
    const content = await packed();
    const refused = async (damaged: Uint8Array) => {
      const unpacking = unpackResult(emptyFolder(), 3, inPieces(damaged, 300));
      await expect(unpacking).rejects.toMatchObject({ code: 'RECORD_DAMAGED' } satisfies Partial<BadInput>);
    };
    for (const length of [0, 3, 4, 100, content.length - 1]) await refused(content.subarray(0, length));
    await refused(Buffer.concat([content, Buffer.from('x')]));
  });

  it('is refused where the store finds at its end that it came over damaged', async () => {
    const content = await packed();
    const { uri, store } = inPieces(content, 1000);
    const stream = async function* () {
      yield* store.stream();
      throw new Error('checksum mismatch');
    };
    await expect(unpackResult(emptyFolder(), 3, { uri, store: { stream } })).rejects.toThrow('checksum mismatch');
  });

  it('lets the store go where the disk fails', async () => {
    let isClosed = false;
    const { uri, store } = inPieces(await packed(), 1000);
    const stream = async function* () {
      try {
        yield* store.stream();
      } finally {
        isClosed = true;
      }
    };
    const unpacking = unpackResult(at('missing'), 3, { uri, store: { stream } });
    await expect(unpacking).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(isClosed).toBe(true);
  });

  it('leaves nothing behind when it is dropped', async () => {
    const folder = emptyFolder();
    await unpackResult(folder, 3, inPieces(await packed(), 1000));
    await dropResult(folder, 3);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });
});
