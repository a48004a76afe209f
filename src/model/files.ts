import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BadInput, Transient } from '../errors.js';
import { sha256Of } from '../store/index.js';
import type { ModelFormat } from './types.js';

/** All files of a model: path below its folder, with `/`, → content. */
export type ModelFiles = ReadonlyMap<string, Buffer>;

const MOST_BYTES = 2 ** 30;
const MOST_FILES = 1000;

/**
 * Reads model.json and the weights it names, or everything below the folder of a SavedModel; nothing outside `root`.
 * @throws BadInput PATH_MISSING, MODEL_UNUSABLE; Transient READ_FAILED
 */
export async function readModelFiles(
  path: string,
  format: ModelFormat,
  name: string,
  root: string,
): Promise<ModelFiles> {
  const reader = new Reader(name, await orMissing(root, () => realpath(root)));
  if (format === 'saved-model') return reader.folder(path);
  const json = await reader.file(path);
  const topology = parseJson(json, name);
  const files = new Map([[relative(dirname(path), path), json]]);
  for (const weights of weightPaths(topology)) {
    requireInside(weights, name);
    files.set(weights, await reader.file(join(dirname(path), weights)));
  }
  return files;
}

/**
 * SHA-256 over a line for each file, sorted by path: its SHA-256, two spaces, the path and a line feed. It is what
 * `sha256sum <files> | LC_ALL=C sort -k 2 | sha256sum` prints in the model's folder.
 */
export function modelDigest(files: ModelFiles): string {
  const lines = [...files]
    .map(([path, content]) => [path, sha256Of(content)] as const)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([path, sha256]) => `${sha256}  ${path}\n`);
  return sha256Of(lines.join(''));
}

/** The value of model.json. @throws BadInput MODEL_UNUSABLE */
export function parseJson(content: Buffer, name: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw unusable(name, `its file is not JSON: ${(cause as Error).message}`, GIVE_JSON, cause);
  }
  if (typeof value !== 'object' || value === null) throw unusable(name, 'its file is no JSON object', GIVE_JSON);
  return value as Readonly<Record<string, unknown>>;
}

const GIVE_JSON = 'Give the model.json that tensorflowjs_converter or model.save wrote, or "format": "saved-model".';

/** Files that the weights manifest names. */
function weightPaths({ weightsManifest: manifest }: Readonly<Record<string, unknown>>): string[] {
  if (!Array.isArray(manifest)) return [];
  return manifest.flatMap((group: unknown) => {
    const paths = (group as { readonly paths?: unknown } | null)?.paths;
    return Array.isArray(paths) ? paths.map(String) : [];
  });
}

function requireInside(path: string, name: string): void {
  const isInside = !isAbsolute(path) && !path.includes('\\') && !path.split('/').includes('..') && !path.includes(':');
  if (!isInside)
    throw unusable(name, `its weights ${path} lie outside its folder`, 'Put all its files into one folder.');
}

class Reader {
  #bytes = 0;

  constructor(
    readonly name: string,
    readonly root: string,
  ) {}

  async file(path: string): Promise<Buffer> {
    const real = await this.#inside(path);
    return orMissing(path, async () => {
      const { size } = await stat(real);
      this.#bytes += size;
      if (this.#bytes > MOST_BYTES) {
        throw unusable(this.name, `its files are larger than ${MOST_BYTES / 2 ** 20} MiB`, 'Use a smaller model.');
      }
      return readFile(real);
    });
  }

  async folder(path: string): Promise<ModelFiles> {
    const real = await this.#inside(path);
    const entries = await orMissing(path, () => readdir(real, { recursive: true, withFileTypes: true }));
    const files = new Map<string, Buffer>();
    for (const entry of entries) {
      if (entry.isDirectory()) continue;
      if (files.size === MOST_FILES)
        throw unusable(this.name, `it has more than ${MOST_FILES} files`, 'Give a SavedModel.');
      const file = join(entry.parentPath, entry.name);
      files.set(relative(real, file).split(sep).join('/'), await this.file(file));
    }
    return files;
  }

  /** Where the path really leads: a link must not lead out of the root. */
  async #inside(path: string): Promise<string> {
    const real = await orMissing(path, () => realpath(path));
    const isInside = real === this.root || real.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep);
    if (isInside) return real;
    throw unusable(this.name, `${path} is a link that leads out of ${this.root}`, 'Copy the files there.');
  }
}

async function orMissing<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === undefined) throw cause;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
      throw new BadInput('PATH_MISSING', { path }, cause);
    throw new Transient('READ_FAILED', { path, detail: (cause as Error).message }, cause);
  }
}

export function unusable(name: string, detail: string, remedy: string, cause?: unknown): BadInput {
  return new BadInput('MODEL_UNUSABLE', { name, detail, remedy }, cause);
}

/** Digest of the model at a path: a folder is taken for a SavedModel. @throws BadInput as readModelFiles */
export async function digestAt(path: string): Promise<string> {
  const full = resolve(path);
  const isFolder = await orMissing(path, async () => (await stat(full)).isDirectory());
  const format = isFolder ? 'saved-model' : 'graph';
  const root = isFolder ? full : dirname(full);
  return modelDigest(await readModelFiles(full, format, path, root));
}
