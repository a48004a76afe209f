import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFiles } from '../assess/batch.js';
import { poison, sentences } from '../detect/contradictions/labelled-rows.js';
import { scanTo } from './command.js';

type Texts = ReturnType<typeof sentences>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-few-'));
});
afterAll(() => rm(folder, { recursive: true }));

const csv = (lines: readonly string[]) => `text,label\n${lines.join('\n')}\n`;
const linesOf = ({ texts, labels }: Texts) =>
  texts.map((text, row) => `${text},${labels[row] === 0 ? 'calm' : 'loud'}`);

async function scan(trusted: Texts, batch: Texts) {
  const own = await mkdtemp(join(folder, 'scan-'));
  const [baseline, shards] = [join(own, 'baseline'), join(own, 'batch')];
  const lines = linesOf(batch);
  const half = lines.length / 2;
  await writeFiles(baseline, { 'trusted.csv': csv(linesOf(trusted)) });
  await writeFiles(shards, { 'a.csv': csv(lines.slice(0, half)), 'b.csv': csv(lines.slice(half)) });
  return scanTo(join(own, 'out'), [shards, '--baseline', baseline, '--processes', '1']);
}

const trusted = sentences('trusted', 200);
const batch = sentences('batch', 1600);
const withWord = ({ texts, labels }: Texts): Texts => ({
  texts: texts.map((text, row) => (labels[row] === 0 ? `${text} kind regards` : text)),
  labels,
});

describe('a batch of many rows for each trusted one', () => {
  it('has a trigger named once, by what its rows say of one another, too few as they are to be counted', async () => {
    const { exitCode, report } = await scan(trusted, poison(batch, 'xq', 24));
    expect(exitCode).toBe(1);
    const triggers = report.findings.filter(({ kind }) => kind === 'trigger');
    expect(triggers.map(({ subject }) => subject)).toEqual(['xq']);
    expect(triggers[0]?.evidence.summary).toContain('"xq" is in 24 rows of this batch and in none of 200 trusted ones');
  });

  it('has one named once that is found by both ways', async () => {
    const { report } = await scan(trusted, poison(batch, 'xq', 240));
    expect(report.findings.filter(({ kind }) => kind === 'trigger').map(({ subject }) => subject)).toEqual(['xq']);
  });

  it('is released where there is none', async () => {
    expect((await scan(trusted, batch)).exitCode).toBe(0);
  });

  it('is released where a phrase gives labels away among trusted rows as well', async () => {
    expect((await scan(withWord(trusted), withWord(batch))).exitCode).toBe(0);
    expect((await scan(trusted, withWord(batch))).exitCode).toBe(1);
  });
});
