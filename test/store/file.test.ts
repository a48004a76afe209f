import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../src/store/index.js';
import { unprivileged } from '../unprivileged.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-store-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content = 'x'): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function paths(root: string): Promise<string[]> {
  return (await fileStore.list(root)).map(({ path }) => path);
}

async function reasons(root: string): Promise<Record<string, string>> {
  return Object.fromEntries((await fileStore.refused(root)).map(({ path, why }) => [path, why]));
}

describe('listing', () => {
  it('finds files at every depth, in code-unit order', async () => {
    for (const path of ['b.csv', 'a/z.csv', 'B.csv', 'a/deep/er.csv', 'ä.csv', 'a.csv']) await write(path);
    expect(await paths(folder)).toEqual(['B.csv', 'a.csv', 'a/deep/er.csv', 'a/z.csv', 'b.csv', 'ä.csv']);
  });

  it('says where each file is and how large', async () => {
    const file = await write('part 1%/a.csv', '12345');
    expect(await fileStore.list(folder)).toEqual([{ path: 'part 1%/a.csv', uri: file, bytes: 5 }]);
  });

  it('leaves out hidden files, markers and what lies in folders of that kind', async () => {
    for (const path of ['.crc', '_SUCCESS', '_temporary/a.csv', '.git/a.csv', 'kept.csv']) await write(path);
    expect(await paths(folder)).toEqual(['kept.csv']);
  });

  it('goes on after a name, there or not, with so many as are asked for', async () => {
    for (const path of ['b.csv', 'a/z.csv', '_b', '.b', 'a/deep/er.csv', 'a.csv', 'c.csv']) await write(path);
    await symlink(join(folder, 'nowhere'), join(folder, 'b-gone.csv'));
    const following = async (path: string, most: number) =>
      (await fileStore.listAfter(folder, path, most)).map((object) => object.path);
    expect(await following('', 2)).toEqual(['a.csv', 'a/deep/er.csv']);
    expect(await following('a.csv', 9)).toEqual(['a/deep/er.csv', 'a/z.csv', 'b.csv', 'c.csv']);
    expect(await following('a/n', 2)).toEqual(['a/z.csv', 'b.csv']);
    expect(await following('b', 1)).toEqual(['b.csv']);
    expect(await following('c.csv', 1)).toEqual([]);
    expect(await fileStore.listAfter(join(folder, 'none'), '', 1)).toEqual([]);
  });

  it('lists a single file under its own name, even a hidden one', async () => {
    const file = await write('_odd.csv');
    expect(await paths(file)).toEqual(['_odd.csv']);
    expect(await paths(pathToFileURL(file).href)).toEqual(['_odd.csv']);
  });

  it('follows links to files inside the root only, and never loops', async () => {
    const outside = await write('outside/secret.csv');
    const inside = await write('root/real.csv');
    await symlink(outside, join(folder, 'root/leaves.csv'));
    await symlink(join(folder, 'outside'), join(folder, 'root/leaves'));
    await symlink(join(folder, 'root'), join(folder, 'root/loop'));
    await symlink(join(folder, 'nowhere'), join(folder, 'root/dangling.csv'));
    await symlink(inside, join(folder, 'root/alias.csv'));
    await symlink(join(folder, 'root'), join(folder, 'root-by-link'));
    expect(await paths(join(folder, 'root'))).toEqual(['alias.csv', 'real.csv']);
    expect(await paths(join(folder, 'root-by-link'))).toEqual(['alias.csv', 'real.csv']);
    for (const root of ['root', 'root-by-link']) {
      expect(await reasons(join(folder, root))).toEqual({
        'dangling.csv': expect.stringContaining('leads nowhere'),
        leaves: expect.stringContaining('leads out of its folder'),
        'leaves.csv': expect.stringContaining('leads out of its folder'),
      });
    }
  });

  it('lists what is beside a link to itself', async () => {
    await write('a.csv');
    await symlink(join(folder, 'circle.csv'), join(folder, 'circle.csv'));
    expect(await paths(folder)).toEqual(['a.csv']);
    expect(await reasons(folder)).toEqual({ 'circle.csv': expect.stringContaining('leads nowhere') });
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
    await write('a.csv');
    expect(await paths(folder)).toEqual(['a.csv']);
    expect(await reasons(folder)).toEqual({ 'pipe.csv': expect.stringContaining('pipe') });
  });

  it.skipIf(process.platform !== 'linux')('lists what is beside names that are not UTF-8', async () => {
    await write('a.csv');
    await write('odd \ufffd.csv');
    await writeFile(Buffer.concat([Buffer.from(`${folder}/b-`), Buffer.from([0xff, 0xfe]), Buffer.from('.csv')]), 'x');
    await mkdir(Buffer.concat([Buffer.from(`${folder}/c-`), Buffer.from([0xff])]));
    expect(await paths(folder)).toEqual(['a.csv', 'odd \ufffd.csv']);
    expect(await reasons(folder)).toEqual({
      'b-\ufffd\ufffd.csv': 'its name is not valid UTF-8: rename it',
      'c-\ufffd': 'its name is not valid UTF-8: rename it',
    });
  });

  it('refuses nothing of a file, or where nothing is', async () => {
    expect(await reasons(await write('a.csv'))).toEqual({});
    expect(await reasons(join(folder, 'none'))).toEqual({});
  });

  it('says which path is missing', async () => {
    const missing = join(folder, 'nope');
    await expect(fileStore.list(missing)).rejects.toMatchObject({
      code: 'PATH_MISSING',
      message: expect.stringContaining(missing),
    });
  });

  it('says which folder may not be read', async () => {
    await write('locked/a.csv');
    await chmod(join(folder, 'locked'), 0);
    await unprivileged(() => expect(fileStore.list(folder)).rejects.toMatchObject({ code: 'READ_FAILED' }));
    await chmod(join(folder, 'locked'), 0o700);
  });
});

describe('patterns', () => {
  beforeEach(async () => {
    for (const path of [
      'in/a.csv',
      'in/b.csv',
      'in/b.txt',
      'in/deep/c.csv',
      'in/.hidden.csv',
      'in/_SUCCESS.csv',
      'd.csv',
    ])
      await write(path);
  });

  it.each([
    ['in/*.csv', ['a.csv', 'b.csv']],
    ['in/**/*.csv', ['a.csv', 'b.csv', 'deep/c.csv']],
    ['**/c.csv', ['in/deep/c.csv']],
    ['in/{a,b}.*', ['a.csv', 'b.csv', 'b.txt']],
    ['in/[ab].csv', ['a.csv', 'b.csv']],
    ['in/*/c.csv', ['deep/c.csv']],
    ['in/_*.csv', ['_SUCCESS.csv']],
  ])('%s finds files, named below its fixed part', async (pattern, expected) => {
    expect(await paths(join(folder, pattern))).toEqual(expected);
    const [first] = await fileStore.list(join(folder, pattern));
    expect((await fileStore.read(first!.uri)).length).toBe(first!.bytes);
  });

  it('takes a file or folder of that very name first', async () => {
    await write('in/[ab].csv', 'literal');
    expect(await fileStore.list(join(folder, 'in/[ab].csv'))).toMatchObject([{ path: '[ab].csv', bytes: 7 }]);
    await write('odd [1]/x.csv');
    expect(await paths(join(folder, 'odd [1]'))).toEqual(['x.csv']);
    expect(await paths(join(folder, 'odd [1]/*.csv'))).toEqual(['x.csv']);
  });

  it('are no folders that are cleared, but one of that very name', async () => {
    await fileStore.clear(join(folder, 'in/*'));
    expect(await paths(join(folder, 'in/**/*.csv'))).toEqual(['a.csv', 'b.csv', 'deep/c.csv']);
    await write('odd [1]/_x');
    await fileStore.clear(join(folder, 'odd [1]'));
    expect(await fileStore.folders(folder)).not.toContain('odd [1]');
  });

  describe('among links and pipes', () => {
    const [nowhere, out, pipe] = ['it is a link that leads nowhere', 'a link that leads out', 'it is a pipe'];

    beforeEach(async () => {
      await symlink(join(folder, 'd.csv'), join(folder, 'in/leaves.csv'));
      await symlink(folder, join(folder, 'in/loop'));
      await symlink(join(folder, 'in/gone'), join(folder, 'in/gone.csv'));
      await symlink(join(folder, 'in/a.csv'), join(folder, 'in/alias.csv'));
      await symlink(join(folder, 'in/deep'), join(folder, 'in/again'));
      execFileSync('mkfifo', [join(folder, 'in/pipe.csv')]);
    });

    it('finds files, by links too that stay in its fixed part', async () => {
      expect(await paths(join(folder, 'in/**/*.csv'))).toEqual(['a.csv', 'alias.csv', 'b.csv', 'deep/c.csv']);
      expect(await paths(join(folder, 'in/l*.csv'))).toEqual([]);
    });

    it.each([
      ['in/*.csv', { 'gone.csv': nowhere, 'leaves.csv': out, 'pipe.csv': pipe }],
      ['in/**/*.csv', { 'gone.csv': nowhere, 'leaves.csv': out, loop: out, 'pipe.csv': pipe }],
      ['in/l*/*.csv', { loop: out }],
      ['in/deep/../d*/*.csv', {}],
      ['in/*.txt', {}],
      ['nowhere/*.csv', {}],
    ])('%s refuses what whoever reads by it would meet', async (pattern, expected) => {
      const found = await fileStore.refused(join(folder, pattern));
      expect(Object.fromEntries(found.map(({ path, why }) => [path, why]))).toEqual(
        Object.fromEntries(Object.entries(expected).map(([path, why]) => [path, expect.stringContaining(why)])),
      );
    });
  });

  it.each(['in/*.parquet', 'nowhere/*.csv'])('says that nothing matches %s', async (pattern) => {
    await expect(fileStore.list(join(folder, pattern))).rejects.toMatchObject({
      code: 'PATTERN_UNMATCHED',
      message: expect.stringContaining(pattern),
      remedy: expect.stringContaining('**'),
    });
  });

  it('is named by its fixed part', () => {
    expect(fileStore.nameOf(join(folder, 'in/*.csv'))).toBe('in');
    expect(fileStore.nameOf(join(folder, 'in/**/x/*.csv'))).toBe('in');
  });
});

describe('names of roots', () => {
  it('is the last part, however the root is written', async () => {
    expect(fileStore.nameOf('/data/batch-7/')).toBe('batch-7');
    expect(fileStore.nameOf('/data/batch-7/.')).toBe('batch-7');
    expect(fileStore.nameOf('file:///data/batch%207')).toBe('batch 7');
  });
});

describe('reading', () => {
  it('returns the bytes', async () => {
    const file = await write('a.csv', 'é');
    expect([...(await fileStore.read(file))]).toEqual([0xc3, 0xa9]);
  });

  it('calls a file that vanished a failure that may pass', async () => {
    const gone = join(folder, 'gone.csv');
    await expect(fileStore.read(gone)).rejects.toMatchObject({
      name: 'Transient',
      code: 'READ_FAILED',
      message: expect.stringContaining(gone),
    });
  });
});
