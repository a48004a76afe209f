import type { Table } from 'apache-arrow';
import { BadInput } from '../errors.js';
import type { Format } from './formats/format.js';
import { formats } from './formats/registry.js';
import type { PinnedShard } from './pin.js';

/**
 * Reads a shard as an Arrow table. The bytes decide the format, never the name: a name is the sender's claim.
 * @throws BadInput SHARD_UNREADABLE, FORMAT_UNKNOWN
 */
export async function parseShard(shard: PinnedShard): Promise<Table> {
  if (shard.content.length === 0) throw unreadable(shard, 'a table', 'the file is empty');
  const format = formats.find(({ recognises }) => recognises(shard.content));
  if (!format) throw new BadInput('FORMAT_UNKNOWN', { path: shard.path });
  const table = await parseAs(format, shard);
  const twice = duplicateColumn(table);
  if (twice !== undefined) throw unreadable(shard, format.name, `two columns are named "${twice}"`);
  return table;
}

async function parseAs(format: Format, shard: PinnedShard): Promise<Table> {
  try {
    return await format.parse(shard.content);
  } catch (error) {
    throw unreadable(shard, format.name, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable({ path }: PinnedShard, format: string, detail: string, cause?: unknown): BadInput {
  return new BadInput('SHARD_UNREADABLE', { path, format, detail }, cause);
}

function duplicateColumn(table: Table): string | undefined {
  const seen = new Set<string>();
  for (const { name } of table.schema.fields) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
