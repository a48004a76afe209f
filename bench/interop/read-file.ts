import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Table } from 'apache-arrow';
import { parseShard } from '../../src/intake/index.js';

/** The table of a file, read as a shard of a batch is. */
export async function readTable(path: string): Promise<Table> {
  const content = await readFile(path);
  return parseShard({ path: basename(path), uri: path, bytes: content.length, sha256: '', content });
}
