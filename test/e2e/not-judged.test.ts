import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const trusted = join(WEATHER, 'trusted');
const batch = join(WEATHER, 'incoming');

const at = temporaryFolder();

/** An artefact with another header: what names it names it still, so that only its meaning is another. */
function withHeader(artefact: string, change: (header: { scoring: number; payload: object }) => object): string {
  const [magic = '', line = '', ...payload] = artefact.split('\n');
  const header = JSON.stringify(change(JSON.parse(Buffer.from(line, 'latin1').toString('utf8'))));
  return [magic.replace(/\w+$/, sha256(header)), Buffer.from(header).toString('latin1'), ...payload].join('\n');
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** An artefact with another payload, named by its header as if it had always been that. */
function withPayload(artefact: string, payload: Buffer): string {
  const named = withHeader(artefact, (header) => ({
    ...header,
    payload: { bytes: payload.length, sha256: sha256(payload) },
  }));
  return `${named.split('\n', 2).join('\n')}\n${payload.toString('latin1')}`;
}

beforeAll(async () => {
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
  writeFileSync(at('longer'), `${built} more`, 'latin1');
  writeFileSync(at('newer'), built.replace(/^taster-baseline \d+/, 'taster-baseline 999'), 'latin1');
  writeFileSync(at('flipped'), `${built.slice(0, -100)}${built.slice(-100).split('').reverse().join('')}`, 'latin1');
  writeFileSync(at('header'), built.replace('"rows":741', '"rows":999'), 'latin1');
  writeFileSync(
    at('older-scoring'),
    withHeader(built, (header) => ({ ...header, scoring: header.scoring - 1 })),
    'latin1',
  );
  writeFileSync(
    at('newer-scoring'),
    withHeader(built, (header) => ({ ...header, scoring: header.scoring + 1 })),
    'latin1',
  );
  writeFileSync(
    at('other-header'),
    withHeader(built, ({ scoring }) => ({ scoring })),
    'latin1',
  );
  // {"columns": 3} in CBOR.
  writeFileSync(at('other-schema'), withPayload(built, Buffer.from('\xa1\x67columns\x03', 'latin1')), 'latin1');
  writeFileSync(at('no-cbor'), withPayload(built, Buffer.alloc(64, 0xff)), 'latin1');
  writeFileSync(at('no-rows.csv'), 'a,b,label\n');
  writeFileSync(at('one-row.csv'), 'a,b,label\n1,2,x\n');
  writeFileSync(at('few-rows.csv'), `a,b,label\n${Array.from({ length: 20 }, (_, row) => `${row},2,x`).join('\n')}\n`);
});

const LABEL = ['--label', 'weather'];

it.each<[what: string, argv: () => string[], said: RegExp]>([
  ['an empty folder', () => [at('empty'), '--baseline', trusted], /empty: holds no file to read\nPoint at/],
  ['an empty folder, without a baseline', () => [at('empty')], /empty: holds no file to read\nPoint at/],
  [
    'no readable shard',
    () => [at('unreadable'), '--baseline', trusted],
    /no shard of it can be read \(2 tried\).*a\.parquet/,
  ],
  [
    'no readable shard, without a baseline',
    () => [at('unreadable')],
    /no shard of it can be read \(2 tried\).*a\.parquet/,
  ],
  ['an unknown option', () => [batch, '--baselin', trusted], /unknown option '--baselin'.*\n.*--help/],
  ['a bad policy', () => [batch, '--policy', at('policy.json')], /policy\.json: .*mode.*tolerance.*rows/],
  ['a bad contract', () => [batch, '--contract', at('contract.json')], /contract\.json: .*role/],
  ['a baseline that was cut off', () => [batch, '--baseline', at('cut')], /10 bytes are missing\n.*build it again/],
  ['a baseline of another format', () => [batch, '--baseline', at('newer')], /format version 999.*\nUpgrade Taster/],
  [
    'a baseline with more at its end',
    () => [batch, '--baseline', at('longer')],
    /5 bytes follow its end\n.*build it again/,
  ],
  [
    'a baseline whose content was changed',
    () => [batch, '--baseline', at('flipped')],
    /its content is not what was written\n.*build it again/,
  ],
  [
    'a baseline whose header was changed',
    () => [batch, '--baseline', at('header')],
    /its header is not what was written\n.*build it again/,
  ],
  [
    'a baseline of an older scoring version',
    () => [batch, '--baseline', at('older-scoring')],
    /built by Taster \S+ with scoring version \d+, and this Taster knows \d+\nBuild it again from the trusted rows/,
  ],
  [
    'a baseline of a newer scoring version',
    () => [batch, '--baseline', at('newer-scoring')],
    /with scoring version \d+, and this Taster knows \d+\nUpgrade Taster, or build it again/,
  ],
  [
    'a baseline whose header has other fields',
    () => [batch, '--baseline', at('other-header')],
    /its header makes no sense \(.*\)\n.*build it again/,
  ],
  [
    'a baseline whose content has other fields',
    () => [batch, '--baseline', at('other-schema')],
    /its content makes no sense \(.*\)\n.*build it again/,
  ],
  [
    'a baseline whose content is not CBOR',
    () => [batch, '--baseline', at('no-cbor')],
    /its content makes no sense \(.*\)\n.*build it again/,
  ],
  [
    'a label that the baseline was not built with',
    () => [batch, '--baseline', at('built'), '--label', 'wind'],
    /was built with column wind as feature.*\nLeave --label out, or build the baseline again/,
  ],
  ['trusted rows without a row', () => [batch, '--baseline', at('no-rows.csv')], /has 0 rows.*\nAdd trusted rows/],
  ['one trusted row', () => [batch, '--baseline', at('one-row.csv')], /has 1 rows?.*\nAdd trusted rows/],
  ['a batch without a row', () => [at('no-rows.csv')], /has no rows to tell usual.*\nPass --baseline/],
  ['a batch of one row', () => [at('one-row.csv')], /has 1 distinct row, and so few.*\nPass --baseline/],
  ['a batch of a few rows', () => [at('few-rows.csv')], /has 20 distinct rows, and so few.*\nPass --baseline/],
  [
    'a constant label of trusted rows',
    () => [batch, '--baseline', at('constant.csv'), ...LABEL],
    /a label that is always sun\n.*--label/,
  ],
  ['a constant label of the batch', () => [at('constant.csv'), ...LABEL], /a label that is always sun\n.*--label/],
  [
    'a label for each trusted row',
    () => [batch, '--baseline', at('unique.csv'), ...LABEL],
    /a label that has 741 values.*\n.*--label/,
  ],
  ['a label for each row of the batch', () => [at('unique.csv'), ...LABEL], /a label that has 741 values.*\n.*--label/],
])('nothing is judged and no verdict written: %s', async (_, argv, said) => {
  const out = at('out');
  const { exitCode, stdout, stderr } = await run(['scan', ...argv(), '--out', out]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(said);
  expect(stderr.trim().split('\n')).toHaveLength(2);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});
