import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { run } from './command.js';

const BATCHES = 4;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-e2e-ledger-'));
  await writeFiles(join(folder, 'trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  for (let batch = 0; batch < BATCHES; batch++) {
    await writeFiles(join(folder, `batch-${batch}`), {
      'a.csv': withSources(batch, [tabularCsv(`${batch}a`, 150), tabularCsv(`${batch}bad`, 150, 0.08)]),
      'b.csv': withSources(batch, [tabularCsv(`${batch}b`, 150), tabularCsv(`${batch}bad too`, 150, 0.08)]),
    });
  }
  for (let batch = 0; batch < BATCHES; batch++) await scan(batch, `out-${batch}`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of the second text are from mallory, the others from three people. */
function withSources(batch: number, [good = '', bad = '']: readonly string[]): string {
  const [head, ...sound] = good.trim().split('\n');
  const people = ['ann', 'ben', 'cleo'];
  return [
    `${head},source`,
    ...sound.map((line, row) => `${line},${people[(row + batch) % 3]}`),
    ...bad
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => `${line},mallory`),
    '',
  ].join('\n');
}

function scan(batch: number, out: string, ...options: string[]) {
  const paths = ['--baseline', join(folder, 'trusted'), '--ledger', join(folder, 'ledger'), '--out', join(folder, out)];
  return run(['scan', join(folder, `batch-${batch}`), ...paths, '--source', 'source', '--quiet', ...options]);
}

const reportIn = async (out: string) => JSON.parse(await readFile(join(folder, out, 'report.json'), 'utf8'));

describe('taster scan --ledger', () => {
  it('condemns a source for what it did in batch after batch', async () => {
    const report = await reportIn(`out-${BATCHES - 1}`);
    const found = report.findings.filter((finding: { kind: string }) => finding.kind === 'slow-drip');
    expect(found).toMatchObject([{ scope: 'source', subject: 'mallory' }]);
    expect(report.ledger).toMatchObject({ batches: BATCHES - 1, leftOut: 0, sources: 4 });
    expect(report.verdict).toBe('quarantine');
    const page = await readFile(join(folder, `out-${BATCHES - 1}`, 'report.html'), 'utf8');
    expect(page).toContain('in batch after batch');
  });

  it('adds one entry for each batch', async () => {
    const names = await readdir(join(folder, 'ledger'));
    const entries = await Promise.all([...Array(BATCHES).keys()].map((batch) => reportIn(`out-${batch}`)));
    expect(names.sort()).toEqual(entries.map(({ ledger }) => `${ledger.entry}.json`).sort());
  });

  it('says the same of the last batch again, in more processes too', async () => {
    await scan(BATCHES - 1, 'again', '--processes', '2');
    for (const name of ['report.json', 'report.html', 'rows.arrow'])
      expect(await readFile(join(folder, 'again', name))).toEqual(
        await readFile(join(folder, `out-${BATCHES - 1}`, name)),
      );
    expect(await readdir(join(folder, 'ledger'))).toHaveLength(BATCHES);
  });

  it('judges nothing with a ledger that holds something else, or one among the data', async () => {
    await writeFile(join(folder, 'ledger', 'notes.txt'), 'x');
    const foreign = await scan(0, 'refused');
    await rm(join(folder, 'ledger', 'notes.txt'));
    expect(foreign).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('notes.txt: is no entry of a ledger'),
    });
    const batch = join(folder, 'batch-0');
    const within = await run(['scan', batch, '--baseline', join(folder, 'trusted'), '--ledger', join(batch, 'ledger')]);
    expect(within).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--ledger') });
  });
});
