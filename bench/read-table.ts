import type { Table } from 'apache-arrow';
import { parseShard, pinShard } from '../src/intake/index.js';
import { fileStore } from '../src/store/index.js';

/** The rows of a file. */
export async function readTable(file: string): Promise<Table> {
  const [object] = await fileStore.list(file);
  if (object === undefined) throw new Error(`${file} is not there`);
  return parseShard(await pinShard(fileStore, object));
}
