import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findArrival, findWhole, readSeal, sealArrival } from '../../src/batch/index.js';
import { loadConfig } from '../../src/config/index.js';
import { fileStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();

function dataset(settings: object = {}) {
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: { ...roots, ...settings } } }));
  return loadConfig(at('config.json')).datasets.get('d')!;
}

function upload(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(at('in', folder, 'sub'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(at('in', folder, name), content);
}

const arrive = (folder: string) => findArrival(fileStore, dataset(), folder);
const seal = async (folder: string) => sealArrival(fileStore, dataset(), await arrive(folder));
const pathsIn = async (batch: string) =>
  (await readSeal(fileStore, dataset().vault, batch))?.shards.map(({ path }) => path);

beforeEach(() => {
  for (const folder of ['in', 'vault']) rmSync(at(folder), { recursive: true, force: true });
  mkdirSync(at('in'));
});

describe('sealing', () => {
  it('fixes what a batch consists of, by path, without markers', async () => {
    upload('a', { 'z.csv': '1', 'b.csv': '22', 'sub/c.csv': '333', _SUCCESS: '' });
    expect(await seal('a')).toBe('a');
    expect(await readSeal(fileStore, dataset().vault, 'a')).toEqual({
      version: 1,
      dataset: 'd',
      batch: 'a',
      folder: 'a',
      manifest: null,
      shards: [
        { path: 'b.csv', uri: at('in/a/b.csv'), bytes: 2 },
        { path: 'sub/c.csv', uri: at('in/a/sub/c.csv'), bytes: 3 },
        { path: 'z.csv', uri: at('in/a/z.csv'), bytes: 1 },
      ],
    });
  });

  it('makes one batch of what several seal at the same time', async () => {
    upload('a', { 'b.csv': '1', 'c.csv': '2' });
    const arrivals = await Promise.all(Array.from({ length: 8 }, () => arrive('a')));
    const sealed = await Promise.all(arrivals.map((arrival) => sealArrival(fileStore, dataset(), arrival)));
    expect(sealed.filter((batch) => batch !== undefined)).toEqual(['a']);
    expect(await readSeal(fileStore, dataset().vault, 'a~2')).toBeUndefined();
  });

  it('loses nothing when two have seen different things', async () => {
    upload('a', { 'b.csv': '1' });
    const early = await arrive('a');
    upload('a', { 'c.csv': '2' });
    const late = await arrive('a');
    expect(await sealArrival(fileStore, dataset(), early)).toBe('a');
    expect(await sealArrival(fileStore, dataset(), late)).toBe('a~2');
    expect([await pathsIn('a'), await pathsIn('a~2')]).toEqual([['b.csv'], ['c.csv']]);
  });

  it('takes a shard of another size for another one', async () => {
    upload('a', { 'b.csv': '1' });
    await seal('a');
    expect(await seal('a')).toBeUndefined();
    upload('a', { 'b.csv': '12' });
    expect([await seal('a'), await pathsIn('a~2')]).toEqual(['a~2', ['b.csv']]);
  });

  it('keeps a folder apart that is called like the second part of another', async () => {
    upload('a', { 'b.csv': '1' });
    upload('a~2', { 'other.csv': '1' });
    expect([await seal('a'), await seal('a~2')]).toEqual(['a', 'a~2']);
    upload('a', { 'c.csv': '2' });
    expect([await seal('a'), await pathsIn('a~3')]).toEqual(['a~3', ['c.csv']]);
    expect(await pathsIn('a~2')).toEqual(['other.csv']);
  });
});

describe('a batch is complete', () => {
  const check = async (seconds: number, quietSeconds = 60) => {
    const now = new Date(Date.UTC(2024, 0, 1) + seconds * 1000);
    return (await findWhole(fileStore, dataset({ quietSeconds }), await arrive('a'), now)) !== undefined;
  };

  it('when its marker is there', async () => {
    upload('a', { 'b.csv': '1' });
    expect(await check(0)).toBe(false);
    upload('a', { _SUCCESS: '' });
    expect(await check(1)).toBe(true);
  });

  it('with all that came before its marker, after it was listed', async () => {
    upload('a', { 'b.csv': '1' });
    const listed = await arrive('a');
    upload('a', { 'c.csv': '1', _SUCCESS: '' });
    const whole = await findWhole(fileStore, dataset(), listed, new Date());
    expect(await sealArrival(fileStore, dataset(), whole!)).toBe('a');
    expect(await pathsIn('a')).toEqual(['b.csv', 'c.csv']);
  });

  it('when nothing has changed for the quiet time', async () => {
    upload('a', { 'b.csv': '1' });
    expect([await check(0), await check(59), await check(60)]).toEqual([false, false, true]);
    upload('a', { 'c.csv': '1' });
    expect([await check(61), await check(120), await check(121)]).toEqual([false, false, true]);
  });

  it('not by a note of when it was first seen that no worker wrote', async () => {
    upload('a', { 'b.csv': '1' });
    await check(0);
    const folder = at('vault/batches/a/seen');
    const [name = ''] = readdirSync(folder);
    for (const damaged of ['long ago', '{"at":"long ago"}', '{}']) {
      writeFileSync(join(folder, name), damaged);
      await expect(check(60)).rejects.toMatchObject({ code: 'RECORD_DAMAGED', message: expect.stringContaining(name) });
    }
  });

  it('not by the marker of what was sealed before', async () => {
    upload('a', { 'b.csv': '1', _SUCCESS: '' });
    await seal('a');
    upload('a', { 'c.csv': '1' });
    expect([await check(0), await check(60)]).toEqual([false, true]);
  });

  it('never without a shard', async () => {
    upload('a', { _SUCCESS: '' });
    expect(await check(0)).toBe(false);
  });
});
