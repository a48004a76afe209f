import { below } from '../batch/index.js';
import type { ObjectStore } from '../store/index.js';

/** Of the rest of a shard; versions that left the digest out made `<shard>.clean.parquet`. */
const CLEANED = /^(?<shard>.+)\.clean\.(?:[0-9a-f]{64}\.)?(?<ending>parquet|arrow)$/s;

/** What the rest of a shard is called: decisions differ in what rows they withhold, and no copy is written over another. */
export function cleanedName(shard: string, ending: string, sha256: string): string {
  return `${shard}.clean.${sha256}.${ending}`;
}

/** The shard of which a file of that name would be the rest; undefined where no rest is called so. */
export function shardOfRest(name: string): string | undefined {
  return CLEANED.exec(name)?.groups?.['shard'];
}

/** What a rest is called in quarantine. */
export function keptName(name: string, sha256: string): string {
  const { shard = name, ending = '' } = CLEANED.exec(name)?.groups ?? {};
  return cleanedName(shard, ending, sha256);
}

const PAGE = 100;

/** Names by which something lies beside the released shards of a batch as the rest of one of them would. @throws Transient READ_FAILED */
export async function restsThere(
  store: ObjectStore,
  released: string,
  batch: string,
  shard: string,
): Promise<string[]> {
  const start = `${shard}.clean.`;
  const names: string[] = [];
  for (let last = start; ; ) {
    const page = (await store.listAfter(below(released, batch), last, PAGE)).map(({ path }) => path);
    const own = page.filter((path) => path.startsWith(start));
    names.push(...own.filter((path) => shardOfRest(path) === shard));
    if (own.length < PAGE) return names;
    last = own.at(-1) as string;
  }
}
