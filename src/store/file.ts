import { constants, type Dirent, existsSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import picomatch from 'picomatch';
import { BadInput, messageOf, Transient } from '../errors.js';
import { stateOf } from './folder-state.js';
import type { FolderState, ObjectStore, RefusedObject, StoredObject } from './object-store.js';
import { createFile, createFileFrom } from './save.js';
import { orWriteFailed } from './write-failure.js';

/** Of a file at a time: hashing goes half as fast again as with less. */
const READ_BYTES = 2 ** 20;

/**
 * Objects are files on this machine; roots are paths, file: URIs or glob patterns, object URIs absolute paths. A file or
 * folder whose name looks like a pattern is what it is.
 */
export const fileStore: ObjectStore = {
  nameOf,
  list,
  refused,
  listAfter,
  read,
  stream,
  fileOf: absolutePath,
  create,
  createFrom,
  find,
  versions,
  keepsVersions: async () => undefined,
  accessPolicy: async () => undefined,
  folders,
  folderStates,
  copy,
  tag: () => Promise.resolve(false),
  tags: async () => undefined,
  remove,
  clear,
};

function nameOf(root: string): string {
  const path = absolutePath(root);
  return basename(isPattern(path) ? splitPattern(path).folder : path);
}

async function list(root: string): Promise<StoredObject[]> {
  const path = absolutePath(root);
  if (isPattern(path)) return await listMatching(path, root);
  const status = await statusOfRoot(path, root);
  if (status.isFile()) return [{ path: basename(path), uri: path, bytes: status.size }];
  if (!status.isDirectory()) throw new BadInput('PATH_MISSING', { path: root });
  return withSizes(path, (await walk(path)).sort(), await realpath(path));
}

/** @throws BadInput PATTERN_UNMATCHED */
async function listMatching(path: string, asGiven: string): Promise<StoredObject[]> {
  const { folder, pattern } = splitPattern(path);
  const names = await match(folder, pattern);
  if (names.length === 0) throw new BadInput('PATTERN_UNMATCHED', { path: asGiven });
  return await withSizes(folder, names.sort(), await realpath(folder));
}

async function refused(root: string): Promise<RefusedObject[]> {
  const path = absolutePath(root);
  if (isPattern(path)) {
    const { folder, pattern } = splitPattern(path);
    return await refusedOf(folder, await match(folder, pattern));
  }
  const status = await orMissing(path, () => stat(path), undefined);
  return status?.isDirectory() === true ? await refusedOf(path, await walk(path)) : [];
}

async function refusedOf(folder: string, paths: readonly string[]): Promise<RefusedObject[]> {
  return paths.length === 0 ? [] : (await lookAtAll(folder, paths, await realpath(folder))).refused;
}

async function listAfter(root: string, path: string, most: number): Promise<StoredObject[]> {
  const folder = absolutePath(root);
  const realRoot = await orMissing(folder, () => realpath(folder), undefined);
  if (realRoot === undefined) return [];
  const later = (await walk(folder)).filter((one) => one > path).sort();
  const found: StoredObject[] = [];
  for (let from = 0; from < later.length && found.length < most; from += most) {
    found.push(...(await withSizes(folder, later.slice(from, from + most), realRoot)));
  }
  return found.slice(0, most);
}

async function read(uri: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(absolutePath(uri));
  } catch (error) {
    if (codeOf(error) === 'ERR_FS_FILE_TOO_LARGE') {
      const detail = 'it is larger than 2 GiB; split it into smaller shards';
      throw new BadInput('SHARD_UNREADABLE', { path: uri, format: 'one shard', detail }, error);
    }
    throw readFailed(uri, error);
  }
}

async function* stream(uri: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await openRegularFile(absolutePath(uri));
    // Closes the file at its end, or where whoever reads it leaves off.
    for await (const chunk of file.createReadStream({ highWaterMark: READ_BYTES })) yield chunk as Uint8Array;
  } catch (error) {
    throw readFailed(uri, error);
  }
}

async function create(root: string, path: string, content: Uint8Array): Promise<boolean> {
  return await createFile(pathBelow(root, path), content);
}

async function createFrom(
  root: string,
  path: string,
  content: () => AsyncIterable<Uint8Array>,
  sha256: string,
): Promise<boolean> {
  const file = pathBelow(root, path);
  if ((await find(root, path)) !== undefined) return false;
  return await createFileFrom(file, content(), sha256);
}

async function find(root: string, path: string): Promise<StoredObject | undefined> {
  const uri = pathBelow(root, path);
  const status = await orMissing(uri, () => stat(uri), undefined);
  return status?.isFile() === true ? { path, uri, bytes: status.size } : undefined;
}

async function versions(root: string, path: string): Promise<StoredObject[]> {
  const object = await find(root, path);
  return object === undefined ? [] : [object];
}

async function folders(root: string): Promise<string[]> {
  const folder = absolutePath(root);
  const entries = await orMissing(folder, () => readdir(folder, { withFileTypes: true }), []);
  return entries
    .filter((entry) => entry.isDirectory() && !isHidden(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : 1));
}

async function* folderStates(root: string): AsyncGenerator<FolderState> {
  for (const name of await folders(root)) {
    const folder = join(absolutePath(root), name);
    yield { name, state: await stateOfFolder(folder).catch(() => undefined) };
  }
}

async function stateOfFolder(folder: string): Promise<string> {
  const { files, refused } = await lookAtAll(folder, await walk(folder), await realpath(folder));
  return stateOf(files, refused);
}

async function copy({ uri }: { readonly uri: string }, root: string, path: string, sha256: string): Promise<boolean> {
  return await createFrom(root, path, () => stream(uri), sha256);
}

async function remove(uri: string): Promise<void> {
  const path = absolutePath(uri);
  await orWriteFailed(path, () => rm(path, { force: true }));
}

async function clear(root: string): Promise<void> {
  const path = absolutePath(root);
  await orWriteFailed(path, () => rm(path, { recursive: true, force: true }));
}

/** Paths come from names that others have given: none may lead out of its root. */
function pathBelow(root: string, path: string): string {
  const folder = absolutePath(root);
  const file = join(folder, path);
  if (file === folder || !isWithin(folder, file) || path.endsWith('/')) {
    throw new BadInput('PATH_OUTSIDE', { path, root });
  }
  return file;
}

async function orMissing<T, M>(path: string, work: () => Promise<T>, missing: M): Promise<T | M> {
  try {
    return await work();
  } catch (error) {
    if (isMissing(error)) return missing;
    throw readFailed(path, error);
  }
}

async function readRegularFile(path: string): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A pipe that has taken the place of a file since it was listed would be waited for without end. */
async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('it is no file any more'), { code: 'NOT_A_FILE' });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function absolutePath(path: string): string {
  return resolve(path.startsWith('file:') ? fileURLToPath(path) : path);
}

function isPattern(path: string): boolean {
  return isOpen(asPattern(path)) && !existsSync(path);
}

/** Whether it leaves open what it names. */
function isOpen(pattern: string): boolean {
  const { isGlob, negated } = picomatch.scan(pattern);
  return isGlob || negated;
}

/** Patterns are written with slashes everywhere. */
function asPattern(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** The folder that no part of the pattern leaves open, and the pattern below it. */
function splitPattern(path: string): { folder: string; pattern: string } {
  const parts = asPattern(path).split('/');
  const isNoName = (index: number) => !existsSync(parts.slice(0, index + 1).join('/'));
  const open = parts.findIndex((part, index) => isOpen(part) && isNoName(index));
  return { folder: parts.slice(0, open).join('/') || '/', pattern: parts.slice(open).join('/') };
}

/**
 * Paths below the folder that a pattern matches, links and pipes too, and links to folders by which it would reach others.
 * As in folders, no hidden files or markers unless the pattern names them.
 */
async function match(folder: string, pattern: string): Promise<string[]> {
  const hides = pattern.split('/').some(isHidden) ? () => false : isHidden;
  const depth = isOfAnyDepth(pattern) ? Infinity : pattern.split('/').length;
  const matches = picomatch(pattern);
  const found: string[] = [];
  for (const path of (await isFolder(folder)) ? await walk(folder, { hides, depth }) : []) {
    if (matches(path) || (mayReachBelow(pattern, path) && (await isFolder(join(folder, path))))) found.push(path);
  }
  return found;
}

function isOfAnyDepth(pattern: string): boolean {
  return /\*\*|[({]/.test(pattern);
}

function mayReachBelow(pattern: string, path: string): boolean {
  if (isOfAnyDepth(pattern)) return true;
  const [parts, depth] = [pattern.split('/'), path.split('/').length];
  return depth < parts.length && picomatch.isMatch(path, parts.slice(0, depth).join('/'));
}

async function statusOfRoot(path: string, asGiven: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) throw new BadInput('PATH_MISSING', { path: asGiven }, error);
    throw readFailed(asGiven, error);
  }
}

interface Walk {
  readonly hides: (name: string) => boolean;
  /** Of folders in one another. */
  readonly depth: number;
}

/** Paths of all that lies below a folder, by names alone: links and pipes too. */
async function walk(folder: string, { hides, depth }: Walk = { hides: isHidden, depth: Infinity }): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (hides(entry.name)) continue;
    const below = join(folder, entry.name);
    if (!entry.isDirectory() || (await isMisnamed(below))) found.push(entry.name);
    else if (depth > 1) {
      for (const path of await walk(below, { hides, depth: depth - 1 })) found.push(`${entry.name}/${path}`);
    }
  }
  return found;
}

/** Those that are shards. */
async function withSizes(folder: string, paths: readonly string[], realRoot: string): Promise<StoredObject[]> {
  return (await lookAtAll(folder, paths, realRoot)).files;
}

interface LookedAt {
  readonly files: StoredObject[];
  readonly refused: RefusedObject[];
}

async function lookAtAll(folder: string, paths: readonly string[], realRoot: string): Promise<LookedAt> {
  const found: LookedAt = { files: [], refused: [] };
  for (const path of paths) {
    const uri = join(folder, path);
    const seen = await look(uri, realRoot);
    if (typeof seen === 'number') found.files.push({ path, uri, bytes: seen });
    if (typeof seen === 'string') found.refused.push({ path, uri, why: seen });
  }
  return found;
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_');
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw readFailed(folder, error);
  }
}

/**
 * The size of a file; why something that whoever reads the folder would meet may not be read: reading a pipe never ends, and
 * what a link leads to outside is nobody's to judge. Undefined for folders, and links to folders inside.
 */
async function look(path: string, realRoot: string): Promise<number | string | undefined> {
  if (await isMisnamed(path)) return 'its name is not valid UTF-8: rename it';
  try {
    if ((await lstat(path)).isSymbolicLink()) {
      const target = await orNowhere(() => realpath(path));
      if (target === undefined) return 'it is a link that leads nowhere: put the file itself there';
      if (!isWithin(realRoot, target)) return 'it is a link that leads out of its folder: put the file itself there';
    }
    const status = await stat(path);
    if (status.isDirectory()) return undefined;
    return status.isFile() ? status.size : 'it is a pipe, a socket or a device: put a file there';
  } catch (error) {
    throw readFailed(path, error);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await orNowhere(() => stat(path)))?.isDirectory() === true;
}

async function orNowhere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ELOOP') return undefined;
    throw error;
  }
}

/** Bytes of a name that are not UTF-8 come as this character, by which the file is not found again. */
const UNDECODABLE = '\ufffd';

async function isMisnamed(path: string): Promise<boolean> {
  return basename(path).includes(UNDECODABLE) && (await orNowhere(() => lstat(path))) === undefined;
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function readFailed(path: string, error: unknown): Transient {
  const detail = messageOf(error);
  return new Transient('READ_FAILED', { path, detail }, error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
