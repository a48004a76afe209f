import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseShard, pinShard } from '../../src/intake/index.js';
import { fileStore } from '../../src/store/index.js';
import { run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const data = [join(WEATHER, 'incoming'), '--baseline', join(WEATHER, 'trusted'), '--label', 'weather'];

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-split-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(path: string): Promise<Table> {
  const bytes = readFileSync(path).length;
  return parseShard(await pinShard(fileStore, { path, uri: path, bytes }));
}

const cells = (table: Table) => table.toArray().map((row) => JSON.stringify(row));

describe('taster scan --split', () => {
  it('writes each held shard, and no other, as the rows to train on and the rows to keep back', async () => {
    const { exitCode, stdout } = await run(['scan', ...data, '--out', at('report'), '--split', at('parts')]);
    expect(exitCode).toBe(1);
    const report = JSON.parse(readFileSync(at('report', 'report.json'), 'utf8'));
    const rows = tableFromIPC(readFileSync(at('report', 'rows.arrow')));
    const held: string[] = report.shards
      .filter(({ verdict }: { verdict: string }) => verdict === 'quarantine')
      .map(({ uri }: { uri: string }) => uri.split('/').at(-1));
    const sums = { clean: 0, withheld: 0 };
    for (const shard of held) {
      const whole = cells(await read(join(WEATHER, 'incoming', shard)));
      const withhold = rows
        .toArray()
        .filter((row) => row.shard === shard)
        .map((row) => row.withhold as boolean);
      for (const part of ['clean', 'withheld'] as const) {
        const expected = whole.filter((_, row) => withhold[row] === (part === 'withheld'));
        const file = at('parts', part, `${shard}.parquet`);
        expect(existsSync(file) ? cells(await read(file)) : []).toEqual(expected);
        sums[part] += expected.length;
      }
    }
    expect(sums.withheld).toBeGreaterThan(0);
    const written = await Promise.all(['clean', 'withheld'].map((part) => readdir(at('parts', part))));
    expect(new Set(written.flat())).toEqual(new Set(held.map((shard) => `${shard}.parquet`)));
    expect(await readdir(at('parts'))).toEqual(['clean', 'withheld']);
    const told = stdout.replace(/\s+/g, ' ');
    expect(told).toContain(`${sums.clean.toLocaleString('en-GB')} rows to train on`);
    expect(told).toContain(`${sums.withheld.toLocaleString('en-GB')} rows to keep back`);
  });

  it('never mixes the parts of two scans', async () => {
    mkdirSync(at('taken', 'clean'), { recursive: true });
    writeFileSync(at('taken', 'clean', 'days-1.csv.parquet'), '');
    const { exitCode, stderr } = await run(['scan', ...data, '--split', at('taken')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${at('taken', 'clean')}: exists already`);
    expect(await readdir(at('taken'))).toEqual(['clean']);
  });

  it('refuses to write among the data', async () => {
    const { exitCode, stderr } = await run(['scan', ...data, '--split', join(WEATHER, 'incoming', 'parts')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--split');
    expect(existsSync(join(WEATHER, 'incoming', 'parts'))).toBe(false);
  });
});
