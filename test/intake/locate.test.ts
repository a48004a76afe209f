import { describe, expect, it } from 'vitest';
import { locateShards, pinShard } from '../../src/intake/index.js';
import { defaultLimits } from '../../src/intake/limits.js';
import { fileStore, type ObjectStore } from '../../src/store/index.js';

/** Roots → paths below them; a root whose only path is its own name is a single file. */
function storeOf(roots: Record<string, string[]>): ObjectStore {
  const nameOf = (root: string) => root.split('/').at(-1) ?? '';
  return {
    ...fileStore,
    nameOf,
    list: async (root) => {
      const isFile = roots[root]?.length === 1 && roots[root][0] === nameOf(root);
      return (roots[root] ?? []).map((path) => ({ path, uri: isFile ? root : `${root}/${path}`, bytes: 3 }));
    },
    read: async (uri) => Buffer.from(uri),
    find: () => Promise.resolve(undefined),
    create: () => Promise.resolve(false),
  };
}

describe('locating shards', () => {
  it('names the shards of one root by their path in it', async () => {
    const shards = await locateShards(storeOf({ '/in/batch': ['a.csv', 'x/b.csv'] }), ['/in/batch']);
    expect(shards.map(({ path }) => path)).toEqual(['a.csv', 'x/b.csv']);
  });

  it('puts the name of the root before its shards when there are several', async () => {
    const store = storeOf({
      '/in/monday': ['a.csv'],
      '/in/friday': ['a.csv', 'b.csv'],
      '/in/extra.csv': ['extra.csv'],
    });
    const shards = await locateShards(store, ['/in/monday', '/in/friday', '/in/extra.csv']);
    expect(shards.map(({ path }) => path)).toEqual(['extra.csv', 'friday/a.csv', 'friday/b.csv', 'monday/a.csv']);
    for (const { uri, path } of shards) expect(uri.endsWith(path)).toBe(true);
  });

  it('names among the shards what may not be read, and does not read it', async () => {
    const store: ObjectStore = {
      ...storeOf({ '/in/batch': ['a.csv'] }),
      refused: async () => [{ path: 'Z.csv', uri: '/in/batch/Z.csv', why: 'it leads elsewhere' }],
      read: async () => expect.unreachable(),
    };
    const [refused, sound] = await locateShards(store, ['/in/batch']);
    expect([refused?.path, sound?.path]).toEqual(['Z.csv', 'a.csv']);
    await expect(pinShard(store, refused!)).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: 'Z.csv: cannot be read as a shard: it leads elsewhere',
    });
  });

  it('refuses two shards of one name, and says which', async () => {
    const store = storeOf({ '/1/batch': ['a.csv'], '/2/batch': ['a.csv'] });
    await expect(locateShards(store, ['/1/batch', '/2/batch'])).rejects.toMatchObject({
      code: 'USAGE',
      message: '/1/batch/a.csv and /2/batch/a.csv would both be named batch/a.csv in the batch: rename one',
    });
  });

  it('says which root holds nothing, even beside one that does', async () => {
    const store = storeOf({ '/in/full': ['a.csv'], '/in/empty': [] });
    await expect(locateShards(store, ['/in/full', '/in/empty'])).rejects.toMatchObject({
      code: 'NO_SHARDS',
      message: expect.stringContaining('/in/empty'),
    });
  });
});

describe('pinning', () => {
  it('hashes the very bytes that it hands on', async () => {
    const store = { ...storeOf({}), read: async () => Buffer.from('abc') };
    const shard = await pinShard(store, { path: 'a.csv', uri: '/a.csv', bytes: 99 });
    expect(shard.sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(Buffer.from(shard.content).toString()).toBe('abc');
    expect(shard.bytes).toBe(3);
  });

  it('does not even read what is larger than the limit', async () => {
    const read = async () => expect.unreachable();
    const limits = { ...defaultLimits, shardBytes: 10 };
    const pinning = pinShard({ ...storeOf({}), read }, { path: 'a.csv', uri: '/a.csv', bytes: 11 }, limits);
    await expect(pinning).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringContaining('it has 11 bytes, more than 10 (limits.shardBytes): write smaller shards'),
    });
  });
});
