import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const trusted = join(WEATHER, 'trusted');

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-redact-'));
  mkdirSync(at('batch'));
  const sound = readFileSync(join(WEATHER, 'incoming', 'days-1.csv'), 'utf8');
  const [header = '', first = '', ...rest] = sound.trim().split('\n');
  cpSync(join(WEATHER, 'incoming', 'days-2.csv'), at('batch', 'days-2.csv'));
  writeFileSync(at('batch', 'stranger.csv'), [header, first.replace(/[^,]*$/, 'SECRET'), ...rest].join('\n'));
  const [day = '', , ...cells] = first.split(',');
  writeFileSync(at('batch', 'range.csv'), [header, [day, '987654.5', ...cells].join(','), ...rest].join('\n'));
  writeFileSync(at('batch', 'broken.jsonl'), '{"SECRET": 1}\n{"wind": SECRET}\n');
  writeFileSync(
    at('batch', 'flood.csv'),
    [header, ...Array<string>(90).fill('2014-01-19,98765.5,6,3,2,a,SECRET')].join('\n'),
  );
  const { stdout } = await run(['contract', 'infer', trusted, '--label', 'weather', '--source', 'annotator']);
  const { inferred: _, ...edited } = JSON.parse(stdout);
  writeFileSync(at('contract.json'), JSON.stringify(edited));
});
afterAll(() => rm(folder, { recursive: true }));

const told = async (name: string, ...options: string[]) => {
  const contract = ['--contract', at('contract.json')];
  const { exitCode, stdout, stderr } = await run([
    'scan',
    at('batch'),
    '--baseline',
    trusted,
    ...contract,
    '--out',
    at(name),
    ...options,
  ]);
  expect(exitCode).toBe(1);
  return [stdout, stderr, ...readdirSync(at(name)).map((file) => readFileSync(at(name, file), 'latin1'))].join('\n');
};

it('no cell of a row is told with --redact, where it would be without', async () => {
  expect(await told('open')).toMatch(/SECRET[\s\S]*98765/);
  const redacted = await told('redacted', '--redact');
  expect(redacted).not.toMatch(/SECRET|98765/);
  expect(redacted).toContain('1 of 90 rows have a label that the baseline does not know; their labels are not checked');
  expect(redacted).toMatch(/column precipitation: 1 of 90 rows are [^(]*\(first: row 0\)/);
  expect(redacted).toContain('line 2 is not one JSON object');
});

it('nor when nothing can be judged', async () => {
  const broken = at('batch', 'broken.jsonl');
  for (const baseline of [['--baseline', trusted], []]) {
    const { exitCode, stdout, stderr } = await run(['scan', broken, ...baseline, '--redact']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/no shard of it can be read \(1 tried\).*line 2 is not one JSON object/);
    expect(stderr).not.toContain('SECRET');
  }
});
