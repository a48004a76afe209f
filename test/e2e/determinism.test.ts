import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, textCsv, writeFiles } from '../assess/batch.js';
import { outcomeOf, type Surroundings, start } from './command.js';

let folder: string;
/** What one process writes. */
let alone: Record<'tabular' | 'text', Awaited<ReturnType<typeof scan>>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-determinism-'));
  await writeFiles(join(folder, 'tabular-trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await writeFiles(join(folder, 'tabular'), {
    'a.csv': tabularCsv('a', 120),
    'b.csv': tabularCsv('b', 150, 0.4),
    'c.csv': 'PAR1 but no Parquet file PAR1',
    'd.csv': tabularCsv('d', 90),
  });
  await writeFiles(join(folder, 'text-trusted'), { 'rows.csv': textCsv('trusted', 400) });
  await writeFiles(join(folder, 'text'), {
    'a.csv': textCsv('a', 120),
    'b.csv': textCsv('b', 120, 0.4),
    'c.csv': textCsv('c', 100),
  });
  alone = { tabular: await scan('tabular', 1), text: await scan('text', 1) };
});
afterAll(() => rm(folder, { recursive: true }));

/** Digests of what a scan of the batch writes, and the report itself. */
async function scan(batch: string, processes: number, surroundings: Surroundings = {}) {
  const out = await mkdtemp(join(folder, 'out-'));
  const argv = ['scan', join(folder, batch), '--baseline', join(folder, `${batch}-trusted`), '--out', out];
  const { exitCode, stderr } = await outcomeOf(start([...argv, '--processes', `${processes}`], surroundings));
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const names = await readdir(out);
  expect(names).toEqual(['report.html', 'report.json', 'rows.arrow']);
  const contents = await Promise.all(names.map((name) => readFile(join(out, name))));
  const digests = contents.map((content) => createHash('sha256').update(content).digest('hex'));
  return { digests, report: String(contents[names.indexOf('report.json')]) };
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(Array.isArray(value) ? [] : [key.toLowerCase()]),
    ...keysOf(inner),
  ]);
}

describe('a scan', () => {
  it.each(['tabular', 'text'] as const)(
    'of a %s batch gives the same bytes however many processes take part',
    async (batch) => {
      expect(JSON.parse(alone[batch].report)).toMatchObject({ verdict: 'quarantine' });
      expect((await scan(batch, 2)).digests).toEqual(alone[batch].digests);
      expect((await scan(batch, 3)).digests).toEqual(alone[batch].digests);
    },
  );

  it('gives the same bytes again, at another place and in another language and time zone', async () => {
    const elsewhere = { cwd: tmpdir(), env: { TZ: 'Pacific/Apia', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' } };
    expect((await scan('tabular', 1, elsewhere)).digests).toEqual(alone.tabular.digests);
  });

  it('tells nothing of when, where and by which process it was made', () => {
    const { report } = alone.tabular;
    expect(report).not.toContain(new Date().toISOString().slice(0, 10));
    const telling = /^(time|date|timestamp|created|started|duration|elapsed|host|hostname|pid|user|cwd|processes)/;
    expect(keysOf(JSON.parse(report)).filter((key) => telling.test(key))).toEqual([]);
  });
});
