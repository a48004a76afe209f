import type { Baseline } from '../baseline/index.js';
import { alongDirections } from '../detect/index.js';
import { digestsIn, digestsUnderKey, type Signatures } from '../encode/index.js';
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

/** Takes labelled rows of a shard, chunk by chunk. Which ones, nobody can foretell who does not have the baseline. */
export class SpectralSampler {
  readonly #key: string;
  readonly #limit: number;
  readonly #parts: SpectralSample[] = [];

  constructor(
    readonly baseline: Pick<Baseline, 'spectral' | 'sha256'>,
    shard: { readonly sha256: string; readonly rows: number },
  ) {
    this.#key = sha256Of(`${baseline.sha256}\n${shard.sha256}`);
    this.#limit = (DIGESTS * MOST_ROWS) / Math.max(1, shard.rows);
  }

  /** `features`, `labels` and `signed` are of the rows from `from` on. */
  add(from: number, features: Rows, labels: Int32Array, signed: Signatures): void {
    if (this.baseline.spectral === null) return;
    const digests = digestsIn(signed);
    const keyed = digestsUnderKey(digests, this.#key);
    const chosen = Int32Array.from(labels.keys()).filter(
      (row) => (labels[row] as number) >= 0 && (keyed[row] as number) < this.#limit,
    );
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
