import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { startS3 } from '../../servers/s3.js';
import { rootsBelow, rootsIn, type Settings, type Told, toldIn, until } from './service.js';

/** Where a service keeps all that it keeps, a folder or a bucket; keys are the same in both, and begin with the name of a root. */
export interface Lake {
  /** What the service has to be told of it. */
  readonly settings: Pick<Settings, 'dataset' | 'env'>;
  readonly roots: Readonly<Record<string, string>>;
  put(key: string, content: string | Uint8Array): Promise<void>;
  has(key: string): Promise<boolean>;
  read(key: string): Promise<Buffer>;
  /** Without the prefix, at any depth, in code-unit order. */
  keysBelow(prefix: string): Promise<string[]>;
  removeBelow(prefix: string): Promise<void>;
  stop(): Promise<void>;
}

export async function folderLake(folder: string): Promise<Lake> {
  const at = (key: string) => join(folder, key);
  const roots = rootsBelow(folder);
  await mkdir(at('incoming'), { recursive: true });
  return {
    settings: { dataset: roots },
    roots,
    put: async (key, content) => {
      await mkdir(dirname(at(key)), { recursive: true });
      await writeFile(at(key), content);
    },
    has: async (key) => existsSync(at(key)),
    read: (key) => readFile(at(key)),
    keysBelow: async (prefix) =>
      filesIn(at(prefix))
        .map((path) => relative(at(prefix), path))
        .sort(),
    removeBelow: (prefix) => rm(at(prefix), { recursive: true, force: true }),
    stop: async () => {},
  };
}

/** Without those that are being written. */
function filesIn(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    return entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // It is not there yet, or not any more.
  }
}

/** A bucket of a real server, of its own. */
export async function bucketLake(): Promise<Lake> {
  const s3 = await startS3();
  const Bucket = 'lake';
  await s3.createBucket(Bucket);
  const roots = rootsIn(Bucket);
  const keysBelow = (prefix: string) => s3.keysBelow(Bucket, prefix);
  return {
    settings: { dataset: roots, env: s3.variables },
    roots,
    put: (key, content) => s3.putObject(Bucket, key, Buffer.from(content)),
    has: (key) => s3.hasObject(Bucket, key),
    read: async (Key) => {
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    keysBelow,
    removeBelow: async (prefix) => {
      for (const key of await keysBelow(prefix)) {
        await s3.client.send(new DeleteObjectCommand({ Bucket, Key: `${prefix}${key}` }));
      }
    },
    stop: s3.stop,
  };
}

/** What the verdict of that number says, once the batch is settled by it. */
export async function settledIn(lake: Lake, batch: string, number: number, longestMs: number): Promise<Told> {
  const records = `vault/batches/${batch}/records/`;
  const verdict = `released/${batch}/${number === 1 ? 'verdict.json' : `_verdict-${number}.json`}`;
  const isSettled = async () => {
    if (!(await lake.has(verdict))) return false;
    const last = (await lake.keysBelow(records)).at(-1);
    return JSON.parse(String(await lake.read(`${records}${last}`))).kind === 'settled';
  };
  await until(isSettled, longestMs);
  return toldIn(await lake.read(verdict));
}
