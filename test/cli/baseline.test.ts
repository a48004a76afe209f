import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { outcomeOf, start } from '../e2e/command.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const [folder, trusted, built] = [at(), at('trusted'), at('b.taster')];
let printed: Awaited<ReturnType<typeof run>>;

beforeAll(async () => {
  await writeFiles(trusted, { 'a.csv': tabularCsv('a', 150), 'b.csv': tabularCsv('b', 150) });
  await writeFiles(at('batch'), { 'c.csv': tabularCsv('c', 120) });
  printed = await run(['baseline', 'build', trusted, '--out', built]);
});

const run = (argv: readonly string[]) => taster(...argv);

describe('taster baseline build', () => {
  it('writes the file and says what was learnt', async () => {
    expect(printed).toMatchObject({ exitCode: 0, stderr: '' });
    const { size } = await stat(built);
    const [, sha256] = (await readFile(built, 'latin1')).split('\n', 1)[0]?.match(/ ([0-9a-f]{64})$/) ?? [];
    for (const fact of [
      '300 (300 distinct) in 2 blocks',
      '2 values',
      'label-flip, outlier',
      'rows held     none',
      `${size.toLocaleString('en-US')} bytes`,
      `digest        ${sha256}`,
      'feature    guessed  day, size, weight, colour',
      'label      guessed  label',
      'The baseline has 2 blocks',
    ]) {
      expect(printed.stdout).toContain(fact);
    }
    expect(printed.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['b.taster', 'batch', 'trusted']);
  });

  it('writes the same bytes each time, and shows given columns as given', async () => {
    const again = at('again.taster');
    expect(await run(['baseline', 'build', trusted, '--out', again, '--quiet'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect((await readFile(again)).equals(await readFile(built))).toBe(true);
    const named = ['--label', 'label', '--source', 'annotator', '--force'];
    const { stdout } = await run(['baseline', 'build', trusted, '--out', again, ...named]);
    expect(stdout).toMatch(/label +given +label/);
    expect(stdout).toMatch(/source +given +annotator/);
    await rm(again);
  });

  it('keeps rows as they are only where told to, and says how many', async () => {
    const holding = at('holding.taster');
    const { stdout } = await run(['baseline', 'build', trusted, '--out', holding, '--exemplars']);
    expect(stdout).toContain('rows held     300 trusted rows with their values');
    const [, cell = ''] = tabularCsv('a', 150).split('\n')[1]?.split(',') ?? [];
    expect((await readFile(holding)).includes(cell)).toBe(true);
    expect((await readFile(built)).includes(cell)).toBe(false);
    await rm(holding);
  });

  it('replaces nothing unless told to', async () => {
    const before = await readFile(built);
    const refused = await run(['baseline', 'build', at('batch'), '--out', built]);
    expect(refused).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `taster: ${built}: exists already\nChoose another name, or add --force to replace it.\n`,
    });
    expect((await readFile(built)).equals(before)).toBe(true);
  });

  it.each([
    ['among the rows', () => [trusted, '--out', join(trusted, 'b.taster')], 'whose files are read as data'],
    [
      'in place of the rows',
      () => [join(trusted, 'a.csv'), '--out', join(trusted, 'a.csv'), '--force'],
      'whose files are read as data',
    ],
    ['without --out', () => [trusted], "required option '--out <file>' not specified"],
    ['from a built baseline', () => [built, '--out', at('x')], 'is built already and holds no rows'],
    ['from nothing', () => [at('nowhere'), '--out', at('x')], 'no such file or folder'],
    ['with a column that is not there', () => [trusted, '--label', 'nope', '--out', at('x')], 'has no column nope'],
  ])('does not write %s', async (_, argv, message) => {
    const { exitCode, stdout, stderr } = await run(['baseline', 'build', ...argv()]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect((await readdir(folder)).sort()).toEqual(['b.taster', 'batch', 'trusted']);
  });

  it('makes the folder of the file where it is missing', async () => {
    const made = await run(['baseline', 'build', trusted, '--out', at('new', 'folder', 'b.taster'), '--quiet']);
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readFile(at('new', 'folder', 'b.taster'))).toEqual(await readFile(built));
    await rm(at('new'), { recursive: true });
  });

  it('says what stands out among the trusted rows themselves: it would be taken for truth', async () => {
    expect(printed.stdout).toContain('scanned against themselves: nothing stands out');
    const clean = Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.csv`, tabularCsv(name, 300)]));
    await writeFiles(at('poisoned'), { ...clean, 'bad.csv': tabularCsv('bad', 300, 0.4) });
    const told = await run(['baseline', 'build', at('poisoned'), '--out', at('poisoned.taster')]);
    expect(told.stdout).toContain('look at these before');
    expect(told.stdout).toContain('bad.csv');
    for (const name of ['poisoned', 'poisoned.taster']) await rm(at(name), { recursive: true });
  });

  it('leaves nothing behind where it cannot write', async () => {
    const belowFile = await run(['baseline', 'build', trusted, '--out', join(built, 'b.taster')]);
    expect(belowFile).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('writing failed') });
    await mkdir(at('full'));
    const onFolder = await run(['baseline', 'build', trusted, '--out', at('full'), '--force']);
    expect(onFolder).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('is a folder') });
    await rm(at('full'), { recursive: true });
    expect((await readdir(folder)).sort()).toEqual(['b.taster', 'batch', 'trusted']);
  });
});

describe('taster baseline', () => {
  it.each([
    [['biuld'], "unknown command 'biuld' (Did you mean build?)", 'taster baseline'],
    [['show'], "missing required argument 'file'", 'taster baseline show'],
  ])('%j is refused with the remedy', async (argv, message, command) => {
    const { exitCode, stdout, stderr } = await run(['baseline', ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe(`taster: ${message}\nRun \`${command} --help\` for the options and examples.\n`);
  });

  it('alone says what there is to do', async () => {
    const { exitCode, stdout } = await run(['baseline']);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('Usage: taster baseline');
  });
});

describe('taster baseline show', () => {
  it('tells the same without the notes of the fit, and without reading the content', async () => {
    const { exitCode, stdout } = await run(['baseline', 'show', built]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`${printed.stdout.split('\n\nNotes')[0]}\n`);
  });

  it.each([
    ['a file that is none', () => join(trusted, 'a.csv'), 'is not a built baseline'],
    ['no file', () => at('nowhere'), 'no such file'],
    ['a folder', () => trusted, 'is not a built baseline'],
  ])('refuses %s', async (_, path, message) => {
    const { exitCode, stdout, stderr } = await run(['baseline', 'show', path()]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('sees that a file was cut off or its header changed', async () => {
    const bytes = await readFile(built);
    const other = at('other');
    await writeFile(other, bytes.subarray(0, -1));
    expect((await run(['baseline', 'show', other])).stderr).toContain('it was cut off: 1 bytes are missing');
    const rows = bytes.indexOf('"rows":300');
    await writeFile(
      other,
      Buffer.concat([bytes.subarray(0, rows), Buffer.from('"rows":900'), bytes.subarray(rows + 10)]),
    );
    expect(await run(['baseline', 'show', other])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('its header is not what was written'),
    });
    await rm(other);
  });
});

/** A report on a fresh fit as it would be with the built baseline. */
function naming(report: string): string {
  const [, sha256] = printed.stdout.match(/digest +([0-9a-f]{64})/) ?? [];
  return report.replace('"artefact": null', `"artefact": "${sha256}"`);
}

describe('taster scan --baseline with a built baseline', () => {
  const scanned = (...more: string[]) => run(['scan', at('batch'), '--baseline', built, '--processes', '1', ...more]);

  it('refuses a damaged file and contradicting columns, with the remedy', async () => {
    const bytes = await readFile(built);
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] as number) ^ 1;
    await writeFile(at('bad'), bytes);
    const damaged = await run(['scan', at('batch'), '--baseline', at('bad')]);
    expect(damaged).toMatchObject({ exitCode: 2, stdout: '' });
    expect(damaged.stderr).toMatch(/the file is damaged: its content is not what was written\n.*baseline build/);
    await rm(at('bad'));
    expect(await scanned('--label', 'colour')).toMatchObject({
      exitCode: 2,
      stderr: `taster: baseline ${built}: was built with column colour as feature, and with label as label\nLeave --label out, or build the baseline again with --label colour.\n`,
    });
  });

  it('prints the report that the rows would give', async () => {
    const withRows = await run(['scan', at('batch'), '--baseline', trusted, '--processes', '1', '--json']);
    expect(await scanned('--json')).toEqual({ ...withRows, stdout: naming(withRows.stdout) });
    const named = ['--label', 'label', '--json'];
    const withNamed = await run(['scan', at('batch'), '--baseline', trusted, '--processes', '1', ...named]);
    expect(await scanned(...named)).toEqual({ ...withNamed, stdout: naming(withNamed.stdout) });
  });
});

describe.each(['seattle-weather', 'digits'])('on %s', (dataset) => {
  const data = (name: string) => fileURLToPath(new URL(`../../datasets/${dataset}/${name}`, import.meta.url));

  async function scanIn(out: string, baseline: string, processes: number) {
    const argv = ['scan', data('incoming'), '--baseline', baseline, '--out', at(out), '--processes', `${processes}`];
    const { exitCode, stderr } = await outcomeOf(start(argv));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    return {
      report: JSON.parse(await readFile(at(out, 'report.json'), 'utf8')) as Record<string, unknown>,
      rows: await readFile(at(out, 'rows.arrow')),
    };
  }

  it('decisions and rows are byte-equal to those from the rows, with one process and with two', async () => {
    const file = at(`${dataset}.taster`);
    const outcome = await outcomeOf(start(['baseline', 'build', data('trusted'), '--out', file]));
    expect(outcome).toEqual({ exitCode: 0, stderr: '' });
    const withRows = await scanIn('rows', data('trusted'), 1);
    for (const processes of [1, 2]) {
      const withFile = await scanIn(`file-${processes}`, file, processes);
      const { baseline, ...decided } = withFile.report;
      expect(JSON.stringify(decided)).toBe(JSON.stringify({ ...withRows.report, baseline: undefined }));
      expect(baseline).toEqual({
        ...(withRows.report['baseline'] as object),
        artefact: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(withFile.rows.equals(withRows.rows)).toBe(true);
    }
  });
});
