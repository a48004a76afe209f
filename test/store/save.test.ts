import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveFile } from '../../src/store/index.js';
import { unprivileged } from '../unprivileged.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-save-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is there whole, alone, and in place of an earlier one', async () => {
  const path = join(folder, 'b.taster');
  await saveFile(path, Buffer.from('first'));
  await saveFile(path, Buffer.from('second'));
  expect(await readFile(path, 'utf8')).toBe('second');
  expect(await readdir(folder)).toEqual(['b.taster']);
});

test('a file that cannot be put in its place leaves nothing behind', async () => {
  await mkdir(join(folder, 'taken', 'inner'), { recursive: true });
  await expect(saveFile(join(folder, 'taken'), Buffer.from('x'))).rejects.toMatchObject({ code: 'OUTPUT_IS_FOLDER' });
  await writeFile(join(folder, 'file'), '');
  await expect(saveFile(join(folder, 'file', 'b'), Buffer.from('x'))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  expect(await readdir(folder)).toEqual(['file', 'taken']);
});

test('the folder of a file is made where it is missing', async () => {
  await saveFile(join(folder, 'new', 'inner', 'b'), Buffer.from('x'));
  expect(await readdir(join(folder, 'new', 'inner'))).toEqual(['b']);
});

test('a folder that may not be written is said to be one, and what it holds stays', async () => {
  const path = join(folder, 'b.taster');
  await writeFile(path, 'kept');
  await chmod(folder, 0o555);
  await unprivileged(() => expect(saveFile(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'WRITE_FAILED' }));
  expect(await readFile(path, 'utf8')).toBe('kept');
});
