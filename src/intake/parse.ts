import type { Table } from 'apache-arrow';
import { BadInput, messageOf } from '../errors.js';
import { compressionOf } from './compressed.js';
import type { Format } from './formats/format.js';
import { formats } from './formats/registry.js';
import { defaultLimits, type IntakeLimits } from './limits.js';
import type { PinnedShard } from './pin.js';
import { promisedFormats } from './promised.js';
import { assertShape } from './shape.js';

/**
 * Reads a shard as an Arrow table. The bytes decide the format, never the name: a name is the sender's claim. A file
 * whose name claims another of the formats than it holds is refused.
 * @throws BadInput SHARD_UNREADABLE, FORMAT_UNKNOWN
 */
export async function parseShard(shard: PinnedShard, limits: IntakeLimits = defaultLimits): Promise<Table> {
  const content = await unpack(shard, limits);
  const format = formatOf(shard, content);
  return attempt(shard, format.name, async () => {
    const table = await format.parse(content, limits);
    assertShape(table, limits);
    return table;
  });
}

/** @throws BadInput SHARD_UNREADABLE */
async function unpack(shard: PinnedShard, limits: IntakeLimits): Promise<Uint8Array> {
  const compression = compressionOf(shard.content);
  if (!compression) return assertNotEmpty(shard, shard.content);
  const content = await attempt(shard, compression.name, async () => compression.decompress(shard.content, limits));
  const second = compressionOf(content);
  if (second) throw unreadable(shard, compression.name, `it holds ${second.name} again: compress it once`);
  return assertNotEmpty(shard, content);
}

function assertNotEmpty(shard: PinnedShard, content: Uint8Array): Uint8Array {
  if (content.length === 0) throw unreadable(shard, 'a table', 'the file is empty');
  return content;
}

function formatOf(shard: PinnedShard, content: Uint8Array): Format {
  const format = formats.find(({ recognises }) => recognises(content));
  const promised = promisedFormats(shard.path);
  const [first] = promised;
  if (first && (!format || !promised.includes(format))) {
    if (!format && isUtf16(content)) throw unreadable(shard, first.name, 'its text is UTF-16: write it as UTF-8');
    const found = format ? `holds ${format.name}` : 'holds none of the formats that can be read';
    throw unreadable(shard, first.name, `its ending promises that, but it ${found}: write it again or rename it`);
  }
  if (!format) throw new BadInput('FORMAT_UNKNOWN', { path: shard.path });
  return format;
}

/** As spreadsheets write text, with its byte order mark. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

async function attempt<T>(shard: PinnedShard, as: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(shard, as, messageOf(error), error);
  }
}

function unreadable({ path }: PinnedShard, format: string, detail: string, cause?: unknown): BadInput {
  return new BadInput('SHARD_UNREADABLE', { path, format, detail }, cause);
}
