import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardAssessment } from '../../src/assess/index.js';
import { readHistory, recordBatch } from '../../src/ledger/index.js';
import type { LedgerAccount } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';

let ledger: string;
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'taster-ledger-'));
  ledger = join(parent, 'ledger');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const digest = (letter: string) => letter.repeat(64);

/** A batch of shards of 100 rows, each digest a letter. */
const batchOf = (letters: string): ShardAssessment[] =>
  [...letters].map((letter) => ({
    path: `${letter}.csv`,
    sha256: digest(letter),
    rows: 100,
    faults: [],
    isJudged: true,
    sources: ['ann'],
    tallies: [],
    columns: [],
    unusedColumns: [],
  }));

const accountOf = (source: string, signer = ''): LedgerAccount => ({
  scope: 'source',
  signer,
  source,
  rows: 100,
  bets: [{ kind: 'label-flip', pValue: 0.25, excessRows: 1.5, variance: 2 }],
});

const CONTENT = { baseline: digest('b'), policy: digest('c'), tolerance: 0.005, accounts: [accountOf('ann')] };
const record = (letters: string, content: Partial<typeof CONTENT> = {}) =>
  recordBatch(fileStore, ledger, batchOf(letters), { ...CONTENT, ...content });
const recall = (letters: string, tolerance = 0.005) => readHistory(fileStore, ledger, batchOf(letters), tolerance);

describe('a ledger', () => {
  it('that is not there yet is empty, and made with the first batch', async () => {
    expect(await recall('1')).toMatchObject({ batches: [], leftOut: 0 });
    const name = await record('1');
    expect(await readdir(ledger)).toEqual([`${name}.json`]);
  });

  it('remembers what other batches have shown of the sources at hand', async () => {
    await record('1', { accounts: [accountOf('ann'), accountOf('ben')] });
    const { batches } = await recall('2');
    expect(batches).toEqual([{ signer: '', baseline: digest('b'), rows: 100, accounts: [accountOf('ann')] }]);
  });

  it('does not count a batch for itself, under whatever policy, and its snapshot stays the same', async () => {
    await record('1');
    const before = await recall('2');
    await record('2');
    await record('2', { policy: digest('d') });
    expect(await recall('2')).toEqual(before);
    expect((await recall('3')).batches).toHaveLength(2);
  });

  it('names its snapshot by what counts', async () => {
    await record('1');
    const one = await recall('9');
    await record('2');
    const two = await recall('9');
    expect(two.sha256).not.toBe(one.sha256);
    expect((await recall('8')).sha256).toBe(two.sha256);
  });

  it('is written once for a batch: an entry that is there stays as it is', async () => {
    const name = await record('12');
    const text = await readFile(join(ledger, `${name}.json`), 'utf8');
    expect(await record('21', { accounts: [accountOf('cleo')] })).toBe(name);
    expect(await readFile(join(ledger, `${name}.json`), 'utf8')).toBe(text);
  });

  it('is safe with many writers of the same and of other batches', async () => {
    await Promise.all([...'11223344'].map((letter) => record(letter)));
    expect(await readdir(ledger)).toHaveLength(4);
    expect((await recall('5')).batches).toHaveLength(4);
  });

  it('tells no time, host or path', async () => {
    const name = await record('1');
    const text = await readFile(join(ledger, `${name}.json`), 'utf8');
    expect(text).not.toContain(parent);
    expect(text).not.toContain('.csv');
    expect(text).not.toContain(new Date().toISOString().slice(0, 10));
  });

  it('keeps names of sources whole, whatever they hold', async () => {
    const name = '__proto__\u0000\ud800"\u2028\u001b[2J';
    await record('1', { accounts: [accountOf(name)] });
    const batch = batchOf('2').map((shard) => ({ ...shard, sources: [name] }));
    const { batches } = await readHistory(fileStore, ledger, batch, 0.005);
    expect(batches[0]?.accounts[0]?.source).toBe(name);
  });
});

describe('signers answer for themselves', () => {
  const signed = { accounts: [accountOf('ann', 'acme')] };

  it('the same rows are a batch of each: nobody keeps another’s from being remembered by sending it first', async () => {
    const [open, acme] = [await record('1'), await record('1', signed)];
    expect(acme).not.toBe(open);
    expect(await readdir(ledger)).toHaveLength(2);
    expect((await recall('2')).batches.map(({ signer }) => signer).sort()).toEqual(['', 'acme']);
  });

  it('nor do rows of one displace those of another beside the batch at hand', async () => {
    await record('1');
    await record('12', signed);
    const history = await readHistory(fileStore, ledger, batchOf('13'), 0.005, 'acme');
    expect(history).toMatchObject({ batches: [{ signer: '' }], leftOut: 1 });
  });

  it('an entry of a batch that nobody has signed is called what it always was', async () => {
    const parts = [createHash('sha256').update(digest('1')).digest('hex'), CONTENT.baseline, CONTENT.policy];
    expect(await record('1')).toBe(createHash('sha256').update(parts.join('/')).digest('hex'));
  });
});

describe('rows bear witness once', () => {
  it('a batch that is half of another one does not count beside it', async () => {
    await record('123');
    await record('1234');
    expect(await recall('9')).toMatchObject({ batches: [{}], leftOut: 1 });
  });

  it('nor do earlier ones beside the batch at hand', async () => {
    await record('123');
    expect(await recall('1239')).toMatchObject({ batches: [], leftOut: 1 });
  });

  it('batches that share a shard among many do', async () => {
    await record('1234');
    await record('4567');
    expect(await recall('7890')).toMatchObject({ batches: [{}, {}], leftOut: 0 });
  });

  it('those judged with another tolerance answer another question', async () => {
    await record('1', { tolerance: 0 });
    expect(await recall('2')).toMatchObject({ batches: [], leftOut: 1 });
    expect(await recall('2', 0)).toMatchObject({ batches: [{}], leftOut: 0 });
  });
});

describe('a ledger that cannot be trusted stops the scan', () => {
  it.each<[string, (text: string) => string, RegExp]>([
    ['cut off', (text) => text.slice(0, 100), /is not JSON/],
    ['empty', () => '', /is not JSON/],
    ['changed', (text) => text.replace('0.25', '0.95'), /does not have the digest/],
    ['of another form', () => '{"version":1}', /does not conform to its schema/],
    ['no object', () => 'null', /does not conform/],
    ['of a newer version', (text) => text.replace('"version":1', '"version":2'), /newer version/],
  ])('an entry that is %s', async (_, change, message) => {
    const path = join(ledger, `${await record('1')}.json`);
    await writeFile(path, change(await readFile(path, 'utf8')));
    await expect(recall('2')).rejects.toMatchObject({
      code: 'LEDGER_UNUSABLE',
      message: expect.stringMatching(message),
    });
  });

  it('an entry under the name of another', async () => {
    const text = await readFile(join(ledger, `${await record('1')}.json`));
    await writeFile(join(ledger, `${digest('e')}.json`), text);
    await expect(recall('2')).rejects.toMatchObject({ code: 'LEDGER_UNUSABLE' });
  });

  it('what is no entry', async () => {
    await record('1');
    await writeFile(join(ledger, 'report.json'), '{}');
    await expect(recall('2')).rejects.toMatchObject({
      code: 'LEDGER_UNUSABLE',
      message: expect.stringContaining('report.json'),
      remedy: expect.stringContaining('take it away'),
    });
  });
});
