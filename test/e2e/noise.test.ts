import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/linear/index.js';
import { writeFiles } from '../assess/batch.js';
import { scanTo } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-noise-'));
});
afterAll(() => rm(folder, { recursive: true }));

const CLASSES = 20;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const pick = (from: readonly string[] | string, random: Random) => from[Math.floor(random() * from.length)] as string;
const words = (count: number, draw: () => string) => Array.from({ length: count }, draw).join(' ');
const invented = (random: Random) =>
  Array.from({ length: 3 + Math.floor(random() * 6) }, () => pick(LETTERS, random)).join('');

/** Eight words of a class's own twelve and four that all classes have, a row of each class in turn. */
function texts(seed: string, rows: number): string[] {
  const [random, vocabulary] = [seededRandom(seed), seededRandom('vocabulary')];
  const own = Array.from({ length: CLASSES }, () => Array.from({ length: 12 }, () => invented(vocabulary)));
  const common = Array.from({ length: 60 }, () => invented(vocabulary));
  return Array.from({ length: rows }, (_, row) => {
    const words = Array.from({ length: 12 }, (_, at) =>
      pick(at % 3 === 0 ? common : (own[row % CLASSES] ?? []), random),
    );
    return words.join(' ');
  });
}

/** Every seventeenth row says something else after its first three words. */
function spoil(clean: readonly string[], tail: (random: Random) => string): string[] {
  const random = seededRandom('spoilt');
  return clean.map((text, row) =>
    row % 17 === 0 ? `${text.split(' ').slice(0, 3).join(' ')} <QZWX> ${tail(random)}` : text,
  );
}

const linesOf = (cells: readonly string[]) => cells.map((text, row) => `${text},class${row % CLASSES}`).join('\n');

async function scanned(batch: readonly string[]) {
  const own = await mkdtemp(join(folder, 'scan-'));
  const [baseline, shards] = [join(own, 'baseline'), join(own, 'batch')];
  await writeFiles(baseline, { 'trusted.csv': `text,label\n${linesOf(texts('trusted', 800))}` });
  await writeFiles(shards, { 'a.csv': `text,label\n${linesOf(batch)}` });
  const out = join(own, 'out');
  const { report } = await scanTo(out, [shards, '--baseline', baseline, '--processes', '1']);
  return { report, rows: tableFromIPC(await readFile(join(out, 'rows.arrow'))).toArray() };
}

async function triggersIn(batch: readonly string[]) {
  const { report } = await scanned(batch);
  return report.findings.filter(({ kind }) => kind === 'trigger');
}

describe('a word of rows that are noise, in no class more than a few', () => {
  it('is named with all of them', async () => {
    const { report } = await scanned(spoil(texts('batch', 1000), (random) => words(20, () => invented(random))));
    const [first, ...others] = report.findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({ kind: 'trigger', subject: '< qzwx >', excessRows: { estimate: 59 } });
    expect(first?.evidence.summary).toContain('unlike any trusted row and unlike one another');
  });

  it('does not hide the noise that lacks it', async () => {
    const noise = spoil(texts('batch', 1000), (random) => words(20, () => invented(random)));
    const batch = noise.map((text, row) => (row % 85 === 0 ? text.replace('<QZWX> ', '') : text));
    const { report, rows } = await scanned(batch);
    expect(report.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['trigger', 'outlier']));
    const suspects = rows.filter(({ suspect }) => suspect).map(({ row }) => row);
    expect(suspects).toEqual(expect.arrayContaining([...batch.keys()].filter((row) => row % 17 === 0)));
    expect(suspects.length).toBeLessThan(65);
  });

  it('is a topic where they say alike things', async () => {
    const topic = Array.from({ length: 12 }, (_, at) => invented(seededRandom(`topic ${at}`)));
    expect(await triggersIn(spoil(texts('batch', 1000), (random) => words(20, () => pick(topic, random))))).toEqual([]);
  });
});
