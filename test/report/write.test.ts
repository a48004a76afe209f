import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transient } from '../../src/errors.js';
import { reportHtml, reportJson, type ScanOutcome, writeReport } from '../../src/report/index.js';
import { unprivileged } from '../unprivileged.js';
import { marksIn, released, twoBadShards } from './outcomes.js';

/** A scan that comes to `outcome`. */
function write(outcome: ScanOutcome, folder: string) {
  return writeReport(folder, async (rows) => {
    const marks = marksIn(outcome);
    rows.begin({ paths: marks.map(({ shard }) => shard), kinds: ['label-flip', 'outlier'] });
    for (const shard of marks) await rows.write(shard);
    return outcome;
  });
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeReport', () => {
  it('creates the folder and leaves exactly the three files in it', async () => {
    const out = join(folder, 'a', 'b');
    await write(twoBadShards, out);
    expect(await readdir(out)).toEqual(['report.html', 'report.json', 'rows.arrow']);
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe(reportJson(twoBadShards));
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(reportHtml(twoBadShards));
    expect((await readFile(join(out, 'rows.arrow'))).subarray(0, 6).toString()).toBe('ARROW1');
  });

  it('tells the digest of each file', async () => {
    const { outcome, digests } = await write(twoBadShards, folder);
    expect(outcome).toBe(twoBadShards);
    const sha256 = async (name: string) =>
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex');
    for (const [name, digest] of digests) expect({ name, digest }).toEqual({ name, digest: await sha256(name) });
    expect([...digests.keys()].sort()).toEqual(await readdir(folder));
  });

  it('replaces an earlier report and touches nothing else', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await write(twoBadShards, folder);
    await write(released, folder);
    expect(await readFile(join(folder, 'report.json'), 'utf8')).toBe(reportJson(released));
    expect(await readdir(folder)).toEqual(['notes.txt', 'report.html', 'report.json', 'rows.arrow']);
  });

  it('says so when the folder cannot be written, and leaves nothing partial', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(write(released, join(file, 'out'))).rejects.toThrow(Transient);
    await expect(write(released, join(file, 'out'))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('writes no report that breaks its schema', async () => {
    await expect(write({ ...released, backend: '' }, folder)).rejects.toThrow(/does not conform/);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a scan that fails', () => {
  it('leaves no verdict behind, neither its own nor an earlier one', async () => {
    await write(released, folder);
    const failing = writeReport(folder, async (rows) => {
      rows.begin({ paths: ['a.csv'], kinds: [] });
      throw new Transient('READ_FAILED', { path: 'a.csv', detail: 'disk on fire' });
    });
    await expect(failing).rejects.toMatchObject({ code: 'READ_FAILED' });
    expect(await readdir(folder)).toEqual(['rows.arrow']);
  });

  it('is not begun where its report could not be written', async () => {
    await chmod(folder, 0o500);
    const scan = () => Promise.reject(new Error('begun'));
    await unprivileged(() =>
      expect(writeReport(join(folder, 'out'), scan)).rejects.toMatchObject({ code: 'WRITE_FAILED' }),
    );
  });
});
