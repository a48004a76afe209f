import { locateShards, parseShard, pinShard } from '../src/intake/index.js';
import { fileStore } from '../src/store/index.js';

/** Merely hashes and parses every n-th shard of a folder: what any scan of it has to spend. */
const [folder = '', part = '0', parts = '1'] = process.argv.slice(2);
const shards = await locateShards(fileStore, [folder]);
for (const [index, shard] of shards.entries()) {
  if (index % Number(parts) === Number(part)) await parseShard(await pinShard(fileStore, shard));
}
