import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bool, Table, tableToIPC, Uint32, Utf8, vectorFromArray } from 'apache-arrow';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compare } from '../../datasets/compare.js';
import type { Truth } from '../../datasets/truth.js';

const truth: Truth = {
  corpus: 'digits',
  story: 'told elsewhere',
  shards: { 'a.csv': [0, 1], 'b.csv': [] },
  kinds: ['label-flip'],
  poisonedSource: 'mallory',
};

const found = {
  held: ['a.csv'],
  findings: [{ kind: 'label-flip', scope: 'source', subject: 'mallory' }],
  withhold: [true, true, false],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-compare-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function missed({ held, findings, withhold }: typeof found): Promise<string[]> {
  const verdictOf = (name: string) => (held.includes(name) ? 'quarantine' : 'release');
  const shards = Object.keys(truth.shards).map((name) => ({ uri: `file:///batch/${name}`, verdict: verdictOf(name) }));
  await writeFile(join(folder, 'report.json'), JSON.stringify({ shards, findings }));
  const rows = new Table({
    shard: vectorFromArray(['a.csv', 'a.csv', 'b.csv'], new Utf8()),
    row: vectorFromArray([0, 1, 0], new Uint32()),
    withhold: vectorFromArray(withhold, new Bool()),
  });
  await writeFile(join(folder, 'rows.arrow'), tableToIPC(rows, 'file'));
  return (await compare(truth, folder)).filter(({ holds }) => !holds).map(({ text }) => text);
}

test('a scan that found everything misses nothing', async () => {
  expect(await missed(found)).toEqual([]);
});

test.each([
  ['a poisoned shard released', { held: [] }, 'poisoned shards held: 0 of 1'],
  ['a clean shard held', { held: ['a.csv', 'b.csv'] }, 'clean shards released: 0 of 1'],
  [
    'another source named too',
    { findings: [...found.findings, { kind: 'label-flip', scope: 'source', subject: 'alice' }] },
    'the source is named, and no other: mallory',
  ],
  [
    'the wrong kind of finding',
    { findings: [{ kind: 'outlier', scope: 'source', subject: 'mallory' }] },
    'a finding names it: label-flip',
  ],
  ['clean rows withheld instead', { withhold: [false, false, true] }, 'poisoned rows withheld: 0 of 2'],
])('says so: %s', async (_, change, text) => {
  expect(await missed({ ...found, ...change })).toEqual([text]);
});
