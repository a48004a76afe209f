import { readFile, writeFile } from 'node:fs/promises';

/** What was done to a corpus: what a scan has to find. */
export interface Truth {
  readonly corpus: string;
  /** One sentence about the poison. */
  readonly story: string;
  /** Poisoned rows by shard; no row in a clean shard. */
  readonly shards: Readonly<Record<string, readonly number[]>>;
  /** Kinds of finding that the poisoned shards must bring forth. */
  readonly kinds: readonly string[];
  /** The one source that the poison comes from. */
  readonly poisonedSource?: string;
}

export async function writeTruth(folder: string, truth: Truth): Promise<void> {
  const lines = JSON.stringify(truth, null, 2).replace(/\[[^\]]*\]/g, (list) => list.replace(/\s+/g, ' '));
  await writeFile(`${folder}/truth.json`, `${lines}\n`);
}

export async function readTruth(corpus: string): Promise<Truth> {
  return JSON.parse(await readFile(`datasets/${corpus}/truth.json`, 'utf8')) as Truth;
}
