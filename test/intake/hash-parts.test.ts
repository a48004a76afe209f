import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashParts, hashPartsOf } from '../../src/intake/index.js';
import { sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();

describe('digests of parts', () => {
  it('are those of each part by itself, however many are hashed at a time', async () => {
    const file = fc.tuple(
      fc.uint8Array({ maxLength: 4000 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(file, async ([content, partBytes, atOnce]) => {
        await writeFile(at('file'), content);
        const expected = [];
        for (let from = 0; from < content.length; from += partBytes) {
          expected.push(sha256Of(content.subarray(from, from + partBytes)));
        }
        expect(await hashParts(at('file'), partBytes, atOnce)).toEqual(expected);
        expect(await hashPartsOf(content, partBytes)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('says where a file cannot be read', async () => {
    await expect(hashParts(at('nowhere'), 10)).rejects.toThrow('reading failed');
  });
});
