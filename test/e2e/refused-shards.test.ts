import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/schema/index.js';
import { parquetFile } from '../intake/fixtures.js';
import { temporaryFolder } from '../temporary-folder.js';
import { scanTo } from './command.js';

const WEATHER = 'datasets/seattle-weather';
/** Without what is poisoned in the example. */
const SOUND = ['days-1.csv', 'days-2.csv', 'days-4.csv', 'days-5.csv', 'days-8.csv'];
const MOST_MEMORY = 768 * 2 ** 20;

const at = temporaryFolder();

const sound = readFileSync(join(WEATHER, 'incoming', 'days-1.csv'), 'utf8');
const lines = sound.trim().split('\n');
const table = tableFromArrays({ a: Float64Array.from({ length: 300 }, (_, row) => row) });
const arrow = Buffer.from(tableToIPC(table, 'file'));
const packed = gzipSync(sound);

/** A gzip file of few bytes that stands for many. */
function bomb(bytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(2 ** 24, 'a'));
  return Buffer.concat(Array<Buffer>(Math.ceil(bytes / 2 ** 24)).fill(member));
}

/** What each refused shard holds, the kind of its finding and what is said of it. */
const REFUSED: Readonly<Record<string, readonly [content: Uint8Array | string, kind: Finding['kind'], said: RegExp]>> =
  {
    'bloated.csv.gz': [bomb(1000 * 2 ** 20), 'integrity', /more than 768 MiB of memory/],
    'bomb.csv.gz': [
      bomb(1200 * 2 ** 20),
      'integrity',
      /decodes to more bytes than \d+ \(limits\.decodedBytes\)|memory/,
    ],
    'corrupt.arrow': [arrow.fill(0xff, 16, 64), 'integrity', /Arrow IPC: /],
    'corrupt.csv.gz': [packed.fill(0, packed.length - 40, packed.length - 20), 'integrity', /gzip: /],
    'cut.parquet': [parquetFile(table).subarray(0, -9), 'integrity', /does not end in a Parquet footer/],
    'empty.csv': ['', 'integrity', /the file is empty/],
    'encrypted.parquet': ['PARE....PARE', 'integrity', /it is encrypted: write it without encryption/],
    'image.csv': [
      Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
      'integrity',
      /its ending promises that, but it holds/,
    ],
    'latin1.csv': [
      Buffer.from(sound.replace('annotator-1', 'Zoë'), 'latin1'),
      'integrity',
      /line \d+ is not valid UTF-8/,
    ],
    'ragged.csv': [`${sound}1,2\n`, 'integrity', /line \d+ has 2 cells, but the header has 7/],
    'text.parquet': [sound, 'integrity', /its ending promises that, but it holds CSV/],
    'twice.csv': [sound.replace('wind', 'temp_min'), 'integrity', /two columns are named "temp_min": rename one/],
    'unlabelled.csv': [
      lines.map((line) => line.replace(/,[^,]*$/, '')).join('\n'),
      'schema',
      /column weather \(label\) is missing/,
    ],
  };

beforeAll(() => {
  mkdirSync(at('batch'));
  for (const name of SOUND) cpSync(join(WEATHER, 'incoming', name), at('batch', name));
  for (const [name, [content]] of Object.entries(REFUSED)) writeFileSync(at('batch', name), content);
  writeFileSync(at('policy.json'), JSON.stringify({ limits: { memoryBytes: MOST_MEMORY } }));
});

it.each([
  ['beside trusted rows', ['--baseline', join(WEATHER, 'trusted')]],
  ['without a baseline', []],
])('shards that cannot be read are held, each with its reason, and the others judged, %s', async (name, baseline) => {
  const out = at(name);
  const options = ['--label', 'weather', '--policy', at('policy.json')];
  const { exitCode, stderr, report } = await scanTo(out, [at('batch'), ...baseline, ...options]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(readdirSync(out)).toEqual(['report.html', 'report.json', 'rows.arrow']);
  const shards = new Map(report.shards.map((shard) => [shard.uri.slice(at('batch').length + 1), shard]));
  expect([...shards.keys()]).toEqual([...Object.keys(REFUSED), ...SOUND].sort());
  for (const shard of SOUND) expect(shards.get(shard)).toMatchObject({ released: true, rows: 90 });
  const findings = new Map(report.findings.map((finding) => [finding.id, finding]));
  for (const [shard, [, kind, said]] of Object.entries(REFUSED)) {
    expect(shards.get(shard)).toMatchObject({ released: false, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const own = shards.get(shard)?.findings.map((id) => findings.get(id)) ?? [];
    expect(own).toMatchObject([{ kind, subject: shard, holds: true }]);
    expect(own[0]?.evidence.summary).toMatch(said);
    expect(own[0]?.evidence.summary).not.toMatch(/ {4}at |node:/);
  }
});

it.skipIf(process.platform === 'win32')(
  'what a folder has beside files is held, each with its reason, and the files judged',
  async () => {
    mkdirSync(at('mixed'));
    cpSync(join(WEATHER, 'incoming', 'days-1.csv'), at('mixed', 'days-1.csv'));
    cpSync(join(WEATHER, 'incoming', 'days-2.csv'), at('elsewhere.csv'));
    symlinkSync(at('mixed', 'circle.csv'), at('mixed', 'circle.csv'));
    symlinkSync(at('elsewhere.csv'), at('mixed', 'leaves.csv'));
    execFileSync('mkfifo', [at('mixed', 'pipe.csv')]);
    if (process.platform === 'linux')
      writeFileSync(Buffer.concat([Buffer.from(at('mixed', 'x')), Buffer.of(0xff)]), 'a\n');
    for (const baseline of [['--baseline', join(WEATHER, 'trusted')], []]) {
      const { exitCode, stderr, report } = await scanTo(at(`mixed-${baseline.length}`), [at('mixed'), ...baseline]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      expect(
        Object.fromEntries(report.findings.map(({ subject, evidence }) => [subject, evidence.summary])),
      ).toMatchObject({
        'circle.csv': expect.stringContaining('a link that leads nowhere'),
        'leaves.csv': expect.stringContaining('a link that leads out of its folder'),
        'pipe.csv': expect.stringContaining('a pipe'),
        ...(process.platform === 'linux' ? { 'x\ufffd': expect.stringContaining('its name is not valid UTF-8') } : {}),
      });
      expect(report.shards.find(({ uri }) => uri.endsWith('days-1.csv'))).toMatchObject({
        rows: 90,
        sha256: expect.any(String),
      });
    }
  },
);

it('a batch without any column of the baseline is held, shard by shard, and none of its rows judged', async () => {
  mkdirSync(at('strangers'));
  for (const name of ['a.csv', 'b.csv']) writeFileSync(at('strangers', name), 'other,thing\n1,2\n3,4\n');
  const trusted = join(WEATHER, 'trusted');
  const { exitCode, stderr, report } = await scanTo(at('none'), [at('strangers'), '--baseline', trusted]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(report.shards).toHaveLength(2);
  for (const shard of report.shards) expect(shard).toMatchObject({ rows: 2, released: false, pValue: null });
  expect(new Set(report.findings.map(({ kind, holds }) => `${kind} ${holds}`))).toEqual(new Set(['schema true']));
  expect(report.findings.map(({ evidence }) => evidence.summary).join()).toMatch(/column wind \(feature\) is missing/);
});
