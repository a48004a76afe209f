import { describe, expect, it } from 'vitest';
import { readTrusted } from '../../src/baseline/index.js';
import { sha256, storeOf } from './trusted.js';

const files = { 'a.csv': 'x,label\n1,yes\n2,no\n', 'b.csv': 'label,x\nyes,3\n', 'c.csv': 'x,label,more\n4,no,9\n' };

describe('readTrusted', () => {
  it('joins all files, in order, and remembers which row came from which', async () => {
    const trusted = await readTrusted(storeOf(files), 'trusted');
    expect([...trusted.table.getChild('x')!]).toEqual([1, 2, 3, 4]);
    expect([...trusted.table.getChild('label')!]).toEqual(['yes', 'no', 'yes', 'no']);
    expect([...trusted.fileOf]).toEqual([0, 0, 1, 2]);
    expect(trusted.path).toBe('trusted');
  });

  it('says by a digest which files it was', async () => {
    const { sha256: digest } = await readTrusted(storeOf(files), 'trusted');
    expect(digest).toBe(
      sha256(
        Object.values(files)
          .map((content) => `${sha256(content)}\n`)
          .join(''),
      ),
    );
    const other = await readTrusted(storeOf({ ...files, 'b.csv': 'label,x\nyes,4\n' }), 'trusted');
    expect(other.sha256).not.toBe(digest);
  });

  it('stops at a file that cannot be read: nothing trusted is left out in silence', async () => {
    const broken = readTrusted(storeOf({ ...files, 'd.parquet': 'PAR1 but no more' }), 'trusted');
    await expect(broken).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringMatching(/^d\.parquet: cannot be read as Parquet: /),
    });
  });

  it('stops at a file that lacks a column of the first, and says which', async () => {
    await expect(readTrusted(storeOf({ ...files, 'd.csv': 'label\nyes\n' }), 'trusted')).rejects.toMatchObject({
      code: 'BASELINE_UNUSABLE',
      message: 'baseline trusted: d.csv has no column x, which a.csv has',
      remedy: 'Give all trusted files the same columns.',
    });
  });

  it('says that there is nothing to read', async () => {
    await expect(readTrusted(storeOf({}), 'trusted')).rejects.toMatchObject({ code: 'NO_SHARDS' });
  });
});
