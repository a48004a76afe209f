import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PARTS, readPart, writeParts } from '../../src/assess/assessed-file.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const bytes = (...pieces: string[]) => pieces.map((piece) => Buffer.from(piece));

describe('what is known of the rows of a shard', () => {
  it('is one file, of which each part is read by itself', async () => {
    await writeParts(at(), 3, { oddest: bytes('odd'), rows: bytes('first ', '', 'second'), spectral: bytes('') });
    await writeParts(at(), 4, { rows: bytes('others') });
    expect(readdirSync(at())).toHaveLength(2);
    const read = PARTS.map((part) => readPart(at(), 3, part));
    expect(read.map((content) => content?.toString())).toEqual([
      'first second',
      ...Array.from({ length: 4 }, () => undefined),
      'odd',
      undefined,
    ]);
    expect(readPart(at(), 4, 'rows')?.toString()).toBe('others');
    expect(readPart(at(), 5, 'rows')).toBeUndefined();
  });

  it('is nothing where it was not written to its end', async () => {
    const breaksOff = function* () {
      // So much that it is on the disk by then.
      yield Buffer.alloc(2 ** 20, 1);
      throw new Error('it broke off');
    };
    await expect(writeParts(at(), 6, { rows: breaksOff() })).rejects.toThrow('it broke off');
    expect(readPart(at(), 6, 'rows')).toBeUndefined();
  });
});
