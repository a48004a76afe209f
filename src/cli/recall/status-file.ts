import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SigningKey } from '../../attest/index.js';
import { BadInput, Transient } from '../../errors.js';
import { daysAfter, ownStatusList, statusListText } from '../../gate/index.js';
import type { RecalledBatch, StatusList } from '../../schema/index.js';
import { anyStore, createFile, saveFile } from '../../store/index.js';

/** Others hold it while they write a list, or a few records: a lock that stays longer was left behind. */
const LONGEST_WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 50;

/** A status list and how it is signed. */
export interface StatusFile {
  readonly path: string;
  readonly key: SigningKey;
  /** How long a list counts. */
  readonly days: number;
}

type Listing = Pick<StatusFile, 'path' | 'key'>;

/** What the list holds; nothing where there is none. @throws BadInput STATUS_UNUSABLE */
export async function readList(file: Listing): Promise<readonly RecalledBatch[]> {
  return (await findList(file)) ?? [];
}

/** What a list holds that has to be there. @throws BadInput PATH_MISSING, STATUS_UNUSABLE */
export async function readKnownList(file: Listing): Promise<readonly RecalledBatch[]> {
  const found = await findList(file);
  if (found === undefined) throw new BadInput('PATH_MISSING', { path: file.path });
  return found;
}

async function findList({ path, key }: Listing): Promise<readonly RecalledBatch[] | undefined> {
  const found = await anyStore.find(dirname(path), basename(path));
  if (found === undefined) return undefined;
  const opened = ownStatusList(await anyStore.read(path), key);
  if ('problem' in opened) throw new BadInput('STATUS_UNUSABLE', { path, detail: opened.problem });
  return opened.list.recalled;
}

/** Signs and writes a list in the place of the one before; only under its lock. @throws Transient WRITE_FAILED */
export async function writeList(
  { path, key, days }: StatusFile,
  recalled: readonly RecalledBatch[],
  now = new Date(),
): Promise<Omit<StatusList, 'version'>> {
  const list = { issued: now.toISOString(), expires: daysAfter(now, days).toISOString(), recalled: [...recalled] };
  await saveFile(path, Buffer.from(statusListText(list, key)));
  return list;
}

/** Of two at the same time one would lose what the other adds: the second waits. @throws Transient WRITE_FAILED where in vain */
export async function withLock<T>({ path }: Pick<StatusFile, 'path'>, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  for (const end = Date.now() + LONGEST_WAIT_MS; !(await createFile(lock, new Uint8Array())); ) {
    if (Date.now() > end) {
      const detail = 'it is there: another recall is at work, or was stopped and left it';
      throw new Transient('WRITE_FAILED', { path: lock, detail });
    }
    await sleep(LOOK_AGAIN_MS);
  }
  return work().finally(() => rm(lock, { force: true }));
}
