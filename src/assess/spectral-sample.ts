import type { Baseline } from '../baseline/index.js';
import { alongDirections } from '../detect/index.js';
import { digestsUnderKey } from '../encode/index.js';
import { type Matrix, type Rows, zeros } from '../linear/index.js';
import { sha256Of } from '../store/index.js';

/** Some rows of a shard as they lie along the directions of the baseline's spectral model. Plain data. */
export interface SpectralSample {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  /** What copies of a row have in common. */
  readonly digests: Float64Array;
  /** rows × rank. */
  readonly places: Matrix;
}

/** Of a shard, on average: more of them cost more than they tell. */
const MOST_ROWS = 1000;
const DIGESTS = 2 ** 52;

/** Chooses rows of a shard, chunk by chunk. Which ones, nobody can foretell who does not have the baseline. */
export function rowChooser(
  baseline: Pick<Baseline, 'sha256'>,
  shard: { readonly sha256: string; readonly rows: number },
): (digests: Float64Array) => Int32Array {
  const key = sha256Of(`${baseline.sha256}\n${shard.sha256}`);
  const limit = (DIGESTS * MOST_ROWS) / Math.max(1, shard.rows);
  return (digests) => {
    const keyed = digestsUnderKey(digests, key);
    return Int32Array.from(keyed.keys()).filter((row) => (keyed[row] as number) < limit);
  };
}

/** Takes labelled rows of a shard, chunk by chunk. */
export class SpectralSampler {
  readonly #parts: SpectralSample[] = [];

  constructor(readonly baseline: Pick<Baseline, 'spectral'>) {}

  /** `features`, `labels` and `digests` are of the rows from `from` on, some of which are chosen. */
  add(from: number, features: Rows, labels: Int32Array, digests: Float64Array, some: Int32Array): void {
    if (this.baseline.spectral === null) return;
    const chosen = some.filter((row) => (labels[row] as number) >= 0);
    this.#parts.push({
      rows: chosen.map((row) => from + row),
      labels: chosen.map((row) => labels[row] as number),
      digests: Float64Array.from(chosen, (row) => digests[row] as number),
      places: alongDirections(this.baseline.spectral, features, chosen),
    });
  }

  /** Null where the baseline has no such model. */
  sample(): SpectralSample | null {
    const rank = this.baseline.spectral?.basis.cols;
    return rank === undefined ? null : joinSamples(this.#parts, rank);
  }
}

function joinSamples(parts: readonly SpectralSample[], rank: number): SpectralSample {
  const places = zeros(
    parts.reduce((sum, { rows }) => sum + rows.length, 0),
    rank,
  );
  let at = 0;
  for (const part of parts) {
    places.data.set(part.places.data, at);
    at += part.places.data.length;
  }
  return {
    rows: Int32Array.from(parts.flatMap(({ rows }) => [...rows])),
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    digests: Float64Array.from(parts.flatMap(({ digests }) => [...digests])),
    places,
  };
}
