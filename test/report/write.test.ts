import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transient } from '../../src/errors.js';
import { prepareOutput, reportHtml, reportJson, writeReport } from '../../src/report/index.js';
import { unprivileged } from '../unprivileged.js';
import { released, twoBadShards } from './outcomes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeReport', () => {
  it('creates the folder and leaves exactly the three files in it', async () => {
    const out = join(folder, 'a', 'b');
    await writeReport(twoBadShards, out);
    expect(await readdir(out)).toEqual(['report.html', 'report.json', 'rows.arrow']);
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe(reportJson(twoBadShards));
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(reportHtml(twoBadShards));
    expect((await readFile(join(out, 'rows.arrow'))).subarray(0, 6).toString()).toBe('ARROW1');
  });

  it('replaces an earlier report and touches nothing else', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeReport(twoBadShards, folder);
    await writeReport(released, folder);
    expect(await readFile(join(folder, 'report.json'), 'utf8')).toBe(reportJson(released));
    expect(await readdir(folder)).toEqual(['notes.txt', 'report.html', 'report.json', 'rows.arrow']);
  });

  it('says so when the folder cannot be written, and leaves nothing partial', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(writeReport(released, join(file, 'out'))).rejects.toThrow(Transient);
    await expect(writeReport(released, join(file, 'out'))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('writes no report that breaks its schema', async () => {
    await expect(writeReport({ ...released, backend: '' }, folder)).rejects.toThrow(/does not conform/);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('prepareOutput', () => {
  it('takes away an earlier verdict before the next scan begins', async () => {
    await writeReport(released, folder);
    await prepareOutput(folder);
    expect(await readdir(folder)).toEqual(['rows.arrow']);
  });

  it('refuses a folder without permission', async () => {
    await chmod(folder, 0o500);
    await unprivileged(() =>
      expect(prepareOutput(join(folder, 'out'))).rejects.toMatchObject({ code: 'WRITE_FAILED' }),
    );
  });
});
