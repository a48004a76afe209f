import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const trusted = join(WEATHER, 'trusted');
const batch = join(WEATHER, 'incoming');

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-not-judged-'));
  mkdirSync(at('empty'));
  mkdirSync(at('unreadable'));
  writeFileSync(at('unreadable', 'a.parquet'), 'PAR1');
  writeFileSync(at('unreadable', 'b.csv'), '');
  writeFileSync(at('policy.json'), JSON.stringify({ mode: 'strict', tolerance: 2, limits: { rows: 0 } }));
  writeFileSync(at('contract.json'), JSON.stringify({ columns: [{ name: 'a', role: 'king' }] }));
  const [header, ...rows] = readFileSync(join(trusted, 'days.csv'), 'utf8').trim().split('\n');
  const labelled = (label: (row: number) => string) =>
    [header, ...rows.map((line, row) => line.replace(/[^,]*$/, label(row)))].join('\n');
  writeFileSync(
    at('constant.csv'),
    labelled(() => 'sun'),
  );
  writeFileSync(
    at('unique.csv'),
    labelled((row) => `day ${row}`),
  );
  expect(await run(['baseline', 'build', trusted, '--out', at('built')])).toMatchObject({ exitCode: 0 });
  const built = readFileSync(at('built'), 'latin1');
  writeFileSync(at('cut'), built.slice(0, -10), 'latin1');
  writeFileSync(at('newer'), built.replace(/^taster-baseline \d+/, 'taster-baseline 999'), 'latin1');
});
afterAll(() => rm(folder, { recursive: true }));

const LABEL = ['--label', 'weather'];

it.each<[what: string, argv: () => string[], said: RegExp]>([
  ['an empty folder', () => [at('empty'), '--baseline', trusted], /empty: holds no file to read\nPoint at/],
  ['an empty folder, without a baseline', () => [at('empty')], /empty: holds no file to read\nPoint at/],
  [
    'no readable shard',
    () => [at('unreadable'), '--baseline', trusted],
    /none of its 2 shards can be read.*a\.parquet/,
  ],
  ['no readable shard, without a baseline', () => [at('unreadable')], /none of its 2 shards can be read.*a\.parquet/],
  ['an unknown option', () => [batch, '--baselin', trusted], /unknown option '--baselin'.*\n.*--help/],
  ['a bad policy', () => [batch, '--policy', at('policy.json')], /policy\.json: .*mode.*tolerance.*rows/],
  ['a bad contract', () => [batch, '--contract', at('contract.json')], /contract\.json: .*role/],
  ['a baseline that was cut off', () => [batch, '--baseline', at('cut')], /10 bytes are missing\n.*build it again/],
  ['a baseline of another format', () => [batch, '--baseline', at('newer')], /format version 999.*\nUpgrade Taster/],
  [
    'a constant label of trusted rows',
    () => [batch, '--baseline', at('constant.csv'), ...LABEL],
    /label is always sun\n.*--label/,
  ],
  ['a constant label of the batch', () => [at('constant.csv'), ...LABEL], /label is always sun\n.*--label/],
  [
    'a label for each trusted row',
    () => [batch, '--baseline', at('unique.csv'), ...LABEL],
    /label has 741 values.*\n.*--label/,
  ],
  ['a label for each row of the batch', () => [at('unique.csv'), ...LABEL], /label has 741 values.*\n.*--label/],
])('nothing is judged and no verdict written: %s', async (_, argv, said) => {
  const out = at('out');
  const { exitCode, stdout, stderr } = await run(['scan', ...argv(), '--out', out]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(said);
  expect(stderr.trim().split('\n')).toHaveLength(2);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});
