import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const LOOK_EVERY_MS = 500;

export const run = promisify(execFile);

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file of a program on the search path, or in one of `folders`. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const { PATH = '' } = process.env;
  return [...PATH.split(delimiter), ...folders].map((folder) => join(folder, name)).find(isProgram);
}

/** What `find` finds, after `install` where it found nothing; test files that run at once install it once. */
export async function installed(
  lock: string,
  find: () => string | undefined,
  install: () => Promise<unknown>,
): Promise<string | undefined> {
  const found = find();
  if (found !== undefined) return found;
  await mkdir(dirname(lock), { recursive: true });
  while (!(await takeLock(lock))) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  try {
    if (find() === undefined) await install();
  } finally {
    await rm(lock, { force: true });
  }
  return find();
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(`${process.pid}`);
    await file.close();
    return true;
  } catch {
    const owner = Number(await readFile(lock, 'utf8').catch(() => `${process.pid}`));
    // Left behind by a process that was killed.
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
