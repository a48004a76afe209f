import { type Parts, withPart } from './assessed-file.js';
import { pack, unpack } from './packed.js';
import type { SpectralSample } from './spectral-sample.js';

/** Where the samples of shards wait until the batch is decided on; a shard's place is its number in the batch. */
export interface SpectralStore {
  /** Has `use` it, which keeps nothing of it; not of a shard that was not written. */
  use(shard: number, use: (sample: SpectralSample) => void): Promise<void>;
}

/** In a folder of this scan alone. */
export function spectralFiles(folder: string): SpectralStore {
  return {
    use: (shard, use) => withPart(folder, shard, 'spectral', (content) => content && use(unpack(content))),
  };
}

/** A sample as it waits there. */
export function spectralPieces(sample: SpectralSample): Parts {
  return { spectral: pack(sample) };
}
