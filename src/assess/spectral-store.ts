import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { orWriteFailed } from '../store/index.js';
import { orMissing } from './scratch-files.js';
import type { SpectralSample } from './spectral-sample.js';

/** Where the samples of shards wait until the batch is decided on; a shard's place is its number in the batch. */
export interface SpectralStore {
  write(shard: number, sample: SpectralSample): Promise<void>;
  /** Undefined of a shard that was not written. */
  read(shard: number): Promise<SpectralSample | undefined>;
}

/** One file a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function spectralFiles(folder: string): SpectralStore {
  const fileOf = (shard: number) => join(folder, `spectral-${shard}`);
  return {
    write: (shard, sample) => orWriteFailed(folder, () => writeFile(fileOf(shard), serialize(sample))),
    read: (shard) => orMissing(async () => deserialize(await readFile(fileOf(shard))) as SpectralSample, undefined),
  };
}
