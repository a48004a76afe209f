import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomeOf, start } from './command.js';

const datasets = fileURLToPath(new URL('../../datasets', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-pictures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a scan of the batch of a corpus writes. */
async function scan(corpus: string, baseline: string, ...more: string[]) {
  const out = await mkdtemp(join(folder, 'out-'));
  const argv = ['scan', join(datasets, corpus, 'incoming'), '--baseline', baseline, '--out', out, ...more];
  const { exitCode, stderr } = await outcomeOf(start(argv));
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const [page, report] = await Promise.all(['report.html', 'report.json'].map((name) => readFile(join(out, name))));
  return { page: String(page), rows: await readFile(join(out, 'rows.arrow')), report: JSON.parse(String(report)) };
}

async function build(corpus: string, ...more: string[]): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'built-')), 'b.taster');
  const argv = ['baseline', 'build', join(datasets, corpus, 'trusted'), '--out', file, ...more];
  expect(await outcomeOf(start(argv))).toEqual({ exitCode: 0, stderr: '' });
  return file;
}

/** Cells of trusted rows that stand beside the worst ones. */
const neighbourCells = (page: string) => page.match(/data-from="trusted row labelled [^"]*">[^<]+</g) ?? [];

describe.each([
  ['digits', 'label'],
  ['seattle-weather', 'weather'],
])('the page on %s', (corpus, label) => {
  const trusted = join(datasets, corpus, 'trusted');

  it('shows scores, a map with suspects, and trusted rows beside the worst ones', async () => {
    const { page } = await scan(corpus, trusted, '--label', label);
    for (const title of ['How wrong labels look', 'How unusual rows are', 'Map of the rows'])
      expect(page).toContain(title);
    const suspects = page.match(/<path class="suspect" d="[^"]+"><title>/g) ?? [];
    expect(suspects.length).toBeGreaterThan(10);
    expect(neighbourCells(page).length).toBeGreaterThanOrEqual(10);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('says why no trusted row is shown with a built baseline, and judges the same', async () => {
    const fromRows = await scan(corpus, trusted, '--label', label);
    const fromFile = await scan(corpus, await build(corpus, '--label', label));
    expect(fromFile.page).toContain('the built baseline holds none (taster baseline build --exemplars');
    expect(neighbourCells(fromFile.page)).toEqual([]);
    expect(fromFile.page).toContain('Map of the rows');
    expect(fromFile.rows.equals(fromRows.rows)).toBe(true);
    expect({ ...fromFile.report, baseline: null }).toEqual({ ...fromRows.report, baseline: null });
    const holding = await scan(corpus, await build(corpus, '--label', label, '--exemplars'));
    expect(neighbourCells(holding.page)).toEqual(neighbourCells(fromRows.page));
  });

  it('shows none when told to redact', async () => {
    const { page } = await scan(corpus, trusted, '--label', label, '--redact');
    expect(neighbourCells(page)).toEqual([]);
    expect(page).toContain('Map of the rows');
    expect(page).not.toContain(', labelled ');
  });
});
