import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { poison, sentences } from '../detect/contradictions/labelled-rows.js';
import { outcomeOf, start } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-alone-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function scan(files: Readonly<Record<string, string>>, processes = 1) {
  const [batch, out] = [await mkdtemp(join(folder, 'batch-')), await mkdtemp(join(folder, 'out-'))];
  await writeFiles(batch, files);
  const ended = await outcomeOf(start(['scan', batch, '--out', out, '--processes', `${processes}`]));
  const written = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name))));
  const report = await readFile(join(out, 'report.json'), 'utf8').catch(() => 'null');
  return { ...ended, written, report: JSON.parse(report.replaceAll(/batch-\w{6}/g, 'batch')) };
}

const clean = Object.fromEntries(['a', 'c', 'd', 'e'].map((name) => [`${name}.csv`, tabularCsv(name, 150)]));

/** Two shards. */
function textFiles({ texts, labels }: ReturnType<typeof sentences>): Record<string, string> {
  const lines = texts.map((text, row) => `${text},${labels[row] === 0 ? 'calm' : 'loud'}`);
  const csv = (some: readonly string[]) => `text,label\n${some.join('\n')}\n`;
  return { 'a.csv': csv(lines.slice(0, 600)), 'b.csv': csv(lines.slice(600)) };
}

describe('a scan without a baseline', () => {
  it('names a trigger and points at its rows, however many processes read them', async () => {
    const files = textFiles(poison(sentences('scanned', 1200), 'xq', 24));
    const one = await scan(files);
    expect(one.exitCode).toBe(1);
    const [finding] = one.report.findings;
    expect(finding).toMatchObject({ kind: 'trigger', subject: 'xq', scope: 'item', excessRows: { estimate: 24 } });
    expect(finding.evidence.summary).toMatch(/^"xq" is in 24 rows of this batch; all 24 are labelled "calm", \d+ look/);
    expect(one.report.worstRows.map(({ reason }: { reason: string }) => reason.split(' (')[0])).toEqual(
      Array(10).fill('carries "xq"'),
    );
    expect((await scan(files, 3)).report).toEqual(one.report);
  });

  it('releases texts without one', async () => {
    expect((await scan(textFiles(sentences('sound', 1200)))).exitCode).toBe(0);
  });

  it('names the shard that is unlike the others, however many processes read it', async () => {
    const files = { ...clean, 'b.csv': tabularCsv('b', 150, 0.4) };
    const one = await scan(files);
    expect({ exitCode: one.exitCode, stderr: one.stderr }).toEqual({ exitCode: 1, stderr: '' });
    const held = one.report.shards.filter((shard: { verdict: string }) => shard.verdict === 'quarantine');
    expect(held.map(({ uri }: { uri: string }) => uri.split('/').at(-1))).toEqual(['b.csv']);
    expect(one.report.baseline).toMatchObject({ provisional: true, blocks: 0, rows: 750 });
    expect((await scan(files, 3)).report).toEqual(one.report);
  });

  it('releases a clean batch and says what it cannot see', async () => {
    const { exitCode, report } = await scan(clean);
    expect(exitCode).toBe(0);
    expect(report.notes.join(' ')).toContain('cannot be seen without trusted rows');
  });

  it('ranks the rows of a single file and says that nothing was tested', async () => {
    const { exitCode, report } = await scan({ 'a.csv': tabularCsv('a', 150).replaceAll('annotator', 'shade') });
    expect(exitCode).toBe(0);
    expect(report.notes.join(' ')).toContain('Nothing was tested');
    expect(report.worstRows).toHaveLength(10);
  });

  it('judges nothing by a handful of rows', async () => {
    const { exitCode, stderr, written } = await scan({ 'a.csv': tabularCsv('a', 20) });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--baseline');
    expect(written).toEqual([]);
  });
});
