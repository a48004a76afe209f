import { deserialize, serialize } from 'node:v8';
import { type Parts, readPart } from './assessed-file.js';
import type { SpectralSample } from './spectral-sample.js';

/** Where the samples of shards wait until the batch is decided on; a shard's place is its number in the batch. */
export interface SpectralStore {
  /** Undefined of a shard that was not written. */
  read(shard: number): Promise<SpectralSample | undefined>;
}

/** In a folder of this scan alone. */
export function spectralFiles(folder: string): SpectralStore {
  return {
    read: async (shard) => {
      const content = await readPart(folder, shard, 'spectral');
      return content && (deserialize(content) as SpectralSample);
    },
  };
}

/** A sample as it waits there. */
export function spectralPieces(sample: SpectralSample): Parts {
  return { spectral: [serialize(sample)] };
}
