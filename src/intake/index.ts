import '../wide-tables.js';

export { type EncodedTable, encodeTable } from './formats/parquet-writer.js';
export { hashParts, hashPartsOf, PART_BYTES } from './hash-parts.js';
export type { IntakeLimits } from './limits.js';
export { locateShards, type Shard } from './locate.js';
export { parseShard } from './parse.js';
export { type PinnedShard, pinShard } from './pin.js';
export { readAgain } from './read-again.js';
export { schemaDigest } from './schema-digest.js';
export { copyShard, type HashedCopy, type Room, type SpooledShard, spoolShard } from './spool.js';
