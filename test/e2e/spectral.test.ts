import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, standardNormal } from '../../src/linear/index.js';
import type { Report } from '../../src/schema/index.js';
import { writeFiles } from '../assess/batch.js';
import { outcomeOf, start } from './command.js';

const COLUMNS = 8;
/** More than are looked at. */
const SHARDS = 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-spectral-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of two classes, of which `planted` share a pattern that is within the range of each column. */
function csvOf(rows: number, seed: string, planted: (row: number) => boolean): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, (_, row) => {
    const label = random() < 0.5 ? 'calm' : 'storm';
    const cells = Array.from({ length: COLUMNS }, (_, column) => standardNormal(random) + (column === 0 && label === 'storm' ? 4 : 0)); // biome-ignore format: one line
    if (label === 'calm' && planted(row))
      cells.splice(3, 4, ...[2.1, -2.1, 2.1, -2.1].map((cell) => cell + 0.1 * standardNormal(random)));
    return [...cells.map((cell) => cell.toFixed(4)), label].join(',');
  });
  return [[...Array.from({ length: COLUMNS }, (_, column) => `c${column}`), 'label'].join(','), ...lines, ''].join(
    '\n',
  );
}

async function scan(name: string, planted: (row: number) => boolean): Promise<Report> {
  const [trusted, batch, out] = ['trusted', 'batch', 'out'].map((part) => join(folder, name, part)) as [
    string,
    string,
    string,
  ];
  await writeFiles(trusted, { 'rows.csv': csvOf(1500, 'trusted', () => false) });
  const shards = Array.from({ length: SHARDS }, (_, shard) => [`${shard}.csv`, csvOf(80, `${name}/${shard}`, planted)]);
  await writeFiles(batch, Object.fromEntries(shards));
  await outcomeOf(start(['scan', batch, '--baseline', trusted, '--out', out]));
  return JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report;
}

describe('a pattern in rows with right labels', () => {
  it('is advised of by the class that has it, and holds nothing by itself', { timeout: 120_000 }, async () => {
    const { findings, shards } = await scan('planted', (row) => row % 5 === 0);
    const spectral = findings.filter(({ kind }) => kind === 'spectral');
    expect(spectral).toHaveLength(1);
    expect(spectral[0]).toMatchObject({ scope: 'item', subject: 'calm', holds: false });
    expect(spectral[0]?.evidence.summary).toMatch(/The farthest are \d+\.csv row \d+, /);
    expect(shards.flatMap((shard) => shard.findings)).not.toContain(spectral[0]?.id);
  });

  it('is not seen where there is none', { timeout: 120_000 }, async () => {
    const { findings, verdict } = await scan('sound', () => false);
    expect(findings.filter(({ kind }) => kind === 'spectral')).toEqual([]);
    expect(verdict).toBe('release');
  });
});
