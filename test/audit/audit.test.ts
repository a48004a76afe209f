import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryName, entryText } from '../../src/audit/entry.js';
import { type AuditedAct, appendEntry, checkpointProblem, checkpointText, readLog } from '../../src/audit/index.js';
import { loadTrust } from '../../src/config/index.js';
import { BadInput } from '../../src/errors.js';
import { fileStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { keyPair, publicPem, trust, trusted } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const log = at('log');
const entry = (sequence: number) => at('log', entryName(sequence));
const act = (number: number): AuditedAct => ({
  ...{ event: 'gate-pass', dataset: 'weather', by: `trainer ${number}` },
  batch: { name: 'monday', sha256: 'a'.repeat(64) },
  facts: { shards: number },
});
/** That of the process that has written the log so far; another process has another. */
let own: ObjectStore;
const append = (number: number) => appendEntry(own, log, act(number));

/** A store as another process has it, and what it is asked. */
function counting(): [ObjectStore, string[]] {
  const asked: string[] = [];
  const told =
    <Given extends unknown[], Got>(name: string, work: (...given: Given) => Got) =>
    (...given: Given): Got => {
      asked.push(name);
      return work(...given);
    };
  const { find, list, listAfter, read, create } = fileStore;
  const listings = { list: told('list', list), listAfter: told('listAfter', listAfter) };
  const parts = { find: told('find', find), read: told('read', read), create: told('create', create) };
  return [{ ...fileStore, ...listings, ...parts }, asked];
}

beforeEach(async () => {
  await rm(log, { recursive: true, force: true });
  own = { ...fileStore };
  for (const number of [1, 2, 3, 4]) await append(number);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an audit log', () => {
  it('tells what was done, in order', async () => {
    const { entries } = await readLog(fileStore, log);
    expect(entries.map(({ sequence, by }) => `${sequence} ${by}`)).toEqual(
      [1, 2, 3, 4].map((n) => `${n} trainer ${n}`),
    );
    expect(await readdir(log)).toEqual([1, 2, 3, 4].map(entryName));
  });

  it('gives writers at the same moment a place each', async () => {
    const sequences = await Promise.all(Array.from({ length: 20 }, (_, number) => append(number)));
    expect([...sequences].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 5));
    expect((await readLog(fileStore, log)).entries).toHaveLength(24);
  });

  it('is not listed again by who has appended before, however long it is', async () => {
    const [store, asked] = counting();
    await appendEntry(store, log, act(5));
    // The entry before the last and the last, each once.
    expect(asked).toEqual(['list', 'find', 'read', 'find', 'read', 'listAfter', 'create']);
    asked.length = 0;
    for (const number of [6, 7]) await appendEntry(store, log, act(number));
    expect(asked).toEqual(['listAfter', 'read', 'create', 'listAfter', 'read', 'create']);
    expect((await readLog(fileStore, log)).entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('goes on where others have appended since, listed once where these are many', async () => {
    const [store, asked] = counting();
    await appendEntry(store, log, act(5));
    await append(6);
    asked.length = 0;
    expect(await appendEntry(store, log, act(7))).toBe(7);
    expect(asked).not.toContain('list');
    for (let number = 8; number < 20; number++) await append(number);
    asked.length = 0;
    expect(await appendEntry(store, log, act(20))).toBe(20);
    expect(asked.filter((request) => request === 'list')).toEqual(['list']);
    const stores = [store, counting()[0], counting()[0]];
    await Promise.all(Array.from({ length: 9 }, (_, number) => appendEntry(stores[number % 3]!, log, act(number))));
    expect((await readLog(fileStore, log)).entries).toHaveLength(29);
  });

  it('is gone on with by who was overtaken again and again by several at once', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const others = { ...fileStore };
    let overtaken = 0;
    const create: ObjectStore['create'] = async (...given) => {
      if (overtaken++ < 40) for (let more = 0; more < 3; more++) await appendEntry(others, log, act(more));
      return fileStore.create(...given);
    };
    expect(await appendEntry({ ...fileStore, create }, log, act(5))).toBe(125);
  });

  it('is begun anew by who has not seen it, where somebody has taken all of it away', async () => {
    await rm(log, { recursive: true });
    expect(await appendEntry(counting()[0], log, act(1))).toBe(1);
  });

  it.each<[string, string, () => Promise<void>]>([
    ['an entry was taken away', 'is missing', () => rm(entry(2))],
    ['the first was taken away', 'is missing', () => rm(entry(1))],
    [
      'two changed places',
      'it says that it is entry',
      async () => {
        await rename(entry(2), at('x'));
        await rename(entry(3), entry(2));
        await rename(at('x'), entry(3));
      },
    ],
    [
      'one was written again',
      'does not follow',
      async () => {
        const text = await readFile(entry(2), 'utf8');
        await writeFile(entry(2), text.replace('trainer 2', 'trainer 9'));
      },
    ],
    ['something else lies there', 'is missing', () => writeFile(at('log', 'notes.json'), '{}')],
    ['an entry was put in twice', 'it says that it is entry 4', () => copyFile(entry(4), entry(5))],
  ])('is broken where %s', async (_, detail, change) => {
    await change();
    await expect(readLog(fileStore, log)).rejects.toThrow(detail);
  });

  it('goes on with nothing but an entry', async () => {
    await writeFile(entry(5), 'x');
    await expect(append(6)).rejects.toThrow('0000000005.json');
  });
});

describe('a log that is not as it was', () => {
  const written = (sequence: number, previous: string | null) =>
    writeFile(entry(sequence), entryText(act(9), { sequence, previous, time: '2026-03-01T00:00:00.000Z' }));
  const digestOf = async (sequence: number) => sha256Of(await readFile(entry(sequence)));
  /** Nothing may be added, by a log that stays as it is. */
  async function refuses(store: ObjectStore, named: string): Promise<void> {
    const before = await readdir(log).catch(() => []);
    const refused = await appendEntry(store, log, act(5)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'AUDIT_REFUSED', remedy: expect.stringContaining('taster audit verify') });
    expect(`${refused}`).toContain(`audit log ${log}: ${named}`);
    expect(await readdir(log).catch(() => [])).toEqual(before);
  }

  it.each<[string, string, () => Promise<void>]>([
    ['its end was cut off', '0000000004.json: it is gone', () => rm(entry(4))],
    ['all of it was taken away', '0000000004.json: it is gone', () => rm(log, { recursive: true })],
    ['its end was written anew', '0000000004.json: its SHA-256 is', async () => written(4, await digestOf(3))],
    [
      'its end was written anew and gone on with',
      '0000000004.json: its SHA-256 is',
      async () => {
        await written(4, await digestOf(3));
        await written(5, await digestOf(4));
      },
    ],
    [
      'an entry was put behind it that does not follow it',
      '0000000005.json: it does not follow the entry before it',
      async () => written(5, await digestOf(3)),
    ],
  ])('is not gone on with by who has written to it, where %s', async (_, named, change) => {
    await change();
    await refuses(own, named);
  });

  it.each<[string, string, () => Promise<void>]>([
    ['the first entry was taken away', '0000000001.json: it is missing', () => rm(entry(1))],
    [
      'one of its middle was taken away',
      '0000000003.json: it is missing; 0000000004.json is there',
      () => rm(entry(3)),
    ],
    [
      'the one before the last was written anew',
      '0000000004.json: it does not',
      async () => written(3, await digestOf(2)),
    ],
    ['the last was put there by somebody', '0000000004.json: it does not', async () => written(4, await digestOf(2))],
    [
      'something else lies there',
      '0000000005.json: it is missing; notes',
      () => writeFile(at('log', 'notes.json'), '{}'),
    ],
  ])('is not gone on with by who has not, where %s', async (_, named, change) => {
    await change();
    await refuses(counting()[0], named);
  });

  it.each([5, 14, 15])('is not gone on with where entry %i of many that have come since is none', async (sequence) => {
    const other = counting()[0];
    for (let number = 5; number < 16; number++) await appendEntry(other, log, act(number));
    const text = await readFile(entry(sequence), 'utf8');
    await rm(entry(sequence));
    if (sequence !== 14) await writeFile(entry(sequence), text.replace(/"previous":"../, '"previous":"zz'));
    await refuses(own, entryName(sequence));
  });

  it.each([
    ['the next one', [5]],
    ['the next two', [5, 6]],
    ['one after the next', [6]],
    ['all but the last', [5, 6, 7, 8]],
  ])('is not gone on with where %s that others have appended since was taken away', async (_, gone) => {
    const other = counting()[0];
    for (let number = 5; number < 10; number++) await appendEntry(other, log, act(number));
    for (const number of gone) await rm(entry(number));
    await refuses(own, `${entryName(gone[0]!)}: it is missing; ${entryName(gone.at(-1)! + 1)} is there instead`);
  });

  it.each([[[]], [[5]], [[6]]])(
    'is not gone on with where something else hides what follows its end: %j',
    async (later) => {
      const other = counting()[0];
      for (const number of [5, 6]) await appendEntry(other, log, act(number));
      for (const number of [5, 6].filter((one) => !later.some((kept) => kept === one))) await rm(entry(number));
      for (const name of ['~1', '~2']) await writeFile(`${entry(3)}${name}`, 'x');
      await refuses(own, '0000000003.json~1: it is no entry');
    },
  );

  it.each(['list', 'listAfter'] as const)(
    'is not gone on with where %s meets a name that no file can have',
    async (ask) => {
      const detail = '0000000004.json//x: a part of its name is empty';
      const store = { ...fileStore, [ask]: () => Promise.reject(new BadInput('USAGE', { detail })) };
      await refuses(store, detail);
    },
  );

  it('is gone on with where a look behind its end lacks what is written meanwhile', async () => {
    const store = { ...fileStore };
    await appendEntry(store, log, act(5));
    for (const number of [6, 7]) await append(number);
    store.listAfter = async (...asked) =>
      (await fileStore.listAfter(...asked)).filter(({ path }) => path !== entryName(6));
    expect(await appendEntry(store, log, act(8))).toBe(8);
  });

  it('is gone on with where a listing lacks what is written meanwhile', async () => {
    const store = { ...fileStore };
    let lists = 0;
    store.list = async (root) =>
      (await fileStore.list(root)).filter(({ path }) => lists++ > 3 || path !== entryName(2));
    expect(await appendEntry(store, log, act(5))).toBe(5);
  });

  it('is not listed without end where one entry never comes up', async () => {
    const store = { ...fileStore };
    store.list = async (root) => (await fileStore.list(root)).filter(({ path }) => path !== entryName(2));
    await refuses(store, '0000000002.json: it is missing; 0000000003.json is there instead');
  });
});

describe('a byte of an entry that is not the last', () => {
  it('cannot be changed without breaking the chain', async () => {
    const { entries } = await readLog(fileStore, log);
    const text = await readFile(entry(2));
    const folder = at('changed');
    await mkdir(folder);
    for (const sequence of [1, 3, 4]) await copyFile(entry(sequence), at('changed', entryName(sequence)));
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (place, by) => {
        const changed = Buffer.from(text);
        changed[place] = ((changed[place] as number) + by) % 256;
        await writeFile(at('changed', entryName(2)), changed);
        await expect(readLog(fileStore, folder)).rejects.toThrow('audit log');
      }),
      { numRuns: 1000, seed: 7 },
    );
    expect(entries).toHaveLength(4);
  });
});

describe('a checkpoint', () => {
  const key = keyPair();
  const trusting = { trust: trust({ verifiers: [trusted(key.open)] }), now: Date.now() };
  const take = async () => Buffer.from(checkpointText(await readLog(fileStore, log), key.own));
  const problem = async (checkpoint: Uint8Array, by = trusting) =>
    checkpointProblem(await readLog(fileStore, log), checkpoint, by);

  it('fits the log that it was taken of, however long it has grown', async () => {
    const checkpoint = await take();
    await append(5);
    expect(await problem(checkpoint)).toBeUndefined();
  });

  it('shows that the end was cut off, or that the log is another one', async () => {
    const checkpoint = await take();
    await rm(entry(4));
    expect(await problem(checkpoint)).toContain('it ends with entry 3, but had 4');
    await appendEntry(counting()[0], log, act(9));
    expect(await problem(checkpoint)).toContain('entry 4 is not the one');
  });

  it('counts only under the signature of an auditor where some are named, who may sign nothing else', async () => {
    const auditor = keyPair();
    const verifiers = [{ name: 'scanner', key: publicPem(key.open), datasets: ['*'] }];
    const auditors = [{ name: 'audit', key: publicPem(auditor.open), until: '2026-01-01T00:00:00Z' }];
    await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers, auditors }));
    const named = loadTrust(at('trust.json'));
    expect(named.verifiers.map(({ name }) => name)).toEqual(['scanner']);
    expect(await problem(await take(), { ...trusting, trust: named })).toContain('nobody who is trusted to');
    const own = Buffer.from(checkpointText(await readLog(fileStore, log), auditor.own));
    expect(await problem(own, { ...trusting, trust: named })).toBeUndefined();
    await writeFile(at('trust.json'), JSON.stringify({ version: 1, verifiers }));
    expect(await problem(await take(), { ...trusting, trust: loadTrust(at('trust.json')) })).toBeUndefined();
  });

  it('counts only under the signature of a trusted verifier', async () => {
    const checkpoint = await take();
    expect(await problem(checkpoint, { ...trusting, trust: trust() })).toContain('nobody who is trusted to');
    const revoked = trust({ verifiers: [trusted(key.open, { isRevoked: true })] });
    expect(await problem(checkpoint, { ...trusting, trust: revoked })).toContain('does not count');
    expect(await problem(Buffer.from('{}'))).toContain('the checkpoint is none');
  });
});
