import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/schema/index.js';
import { writeFiles } from '../assess/batch.js';
import { outcomeOf, start } from './command.js';

const data = new URL('../../datasets/seattle-weather/', import.meta.url);
const COPIES_PER_FILE = 8;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-flood-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The incoming days, honest ones alone, with copies of one of them in every file; returns the copied day. */
async function flood(batch: string): Promise<string> {
  const incoming = new URL('incoming/', data);
  const files: Record<string, string> = {};
  let copy = '';
  for (const name of (await readdir(incoming)).sort()) {
    const text = (await readFile(new URL(name, incoming), 'utf8')).trimEnd();
    copy ||= (text.split('\n')[5] ?? '').replace(/[a-z]+$/, 'snow');
    files[name] = [text, ...new Array<string>(COPIES_PER_FILE).fill(copy)].join('\n');
  }
  await writeFiles(batch, files);
  return copy;
}

describe('a flood of copies in Seattle', () => {
  it('is named, held and marked row by row', { timeout: 120_000 }, async () => {
    const batch = join(folder, 'batch');
    const copy = await flood(batch);
    const out = join(folder, 'out');
    const trusted = new URL('trusted/', data).pathname;
    const { exitCode } = await outcomeOf(
      start(['scan', batch, '--baseline', trusted, '--label', 'weather', '--out', out]),
    );
    expect(exitCode).toBe(1);
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report;
    const floods = report.findings.filter(({ kind }) => kind === 'duplicate-flood');
    expect(floods).toHaveLength(1);
    expect(floods[0]).toMatchObject({ scope: 'item', subject: 'copies of days-1.csv row 4' });
    expect(floods[0]?.evidence.summary).toContain('in 8 shards');
    expect(report.shards.every(({ verdict }) => verdict === 'quarantine')).toBe(true);
    const rows = tableFromIPC(await readFile(join(out, 'rows.arrow'))).toArray();
    const lines = new Map<string, string[]>();
    for (const { path } of report.shards.map(({ uri }) => ({ path: uri.split('/').at(-1) ?? '' }))) {
      lines.set(path, (await readFile(join(batch, path), 'utf8')).split('\n').slice(1));
    }
    const copies = rows.filter((row) => lines.get(row.shard)?.[row.row] === copy);
    expect(copies).toHaveLength(8 * COPIES_PER_FILE);
    expect(copies.every(({ suspect, withhold, suspicion }) => suspect && withhold && suspicion > 0.999)).toBe(true);
    expect(copies.every(({ reason }) => reason.includes(floods[0]?.id))).toBe(true);
  });
});
