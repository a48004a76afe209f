import { type Carriers, carrierTest, type SpectralSample, spectralFiles } from '../assess/index.js';
import type { SpectralEvidence } from '../decide/index.js';
import { countSpectral } from '../detect/index.js';
import { digestsUnderKey } from '../encode/index.js';
import { zeros } from '../linear/index.js';
import { type AssessedBatch, judgedIn, keyOf } from './assessed-batch.js';

/** Beyond so many rows of a batch more of them cost more than they tell. */
const MOST_ROWS = 4000;

/** A row of a shard's sample. */
interface SampledRow {
  readonly path: string;
  readonly row: number;
  readonly label: number;
  /** Its digest under a key of the whole batch. */
  readonly order: number;
  readonly place: Float32Array;
}

/**
 * What rows of each class have in common that trusted ones do not have, as a sample of the batch without those carriers
 * shows it.
 */
export async function findSpectral(batch: AssessedBatch, carriers: Carriers | null): Promise<SpectralEvidence> {
  const { spectral } = batch.job.baseline;
  if (spectral === null) return { tails: [], places: [] };
  // In an order that has nothing to do with what rows are or where they stand: halves of them are compared.
  const rows = await sampleOf(batch, carriers);
  const features = zeros(rows.length, spectral.basis.cols);
  rows.forEach(({ place }, at) => {
    features.data.set(place, at * features.cols);
  });
  const labels = Int32Array.from(rows, ({ label }) => label);
  const places = rows.map(({ path, row }) => ({ path, row }));
  return { tails: countSpectral(spectral, { features, labels }), places };
}

/** Of the samples of all shards the rows that come first under the key, no two of them equal. */
async function sampleOf(batch: AssessedBatch, carriers: Carriers | null): Promise<SampledRow[]> {
  const { judged, numberOf } = judgedIn(batch);
  const store = spectralFiles(batch.job.scratch);
  const key = keyOf(judged);
  let first = new Map<number, SampledRow>();
  // No row that comes later is among the first.
  let last = Number.POSITIVE_INFINITY;
  const add = (
    path: string,
    { digests, rows, labels, places }: SpectralSample,
    isCarrier: (row: number) => boolean,
  ) => {
    digestsUnderKey(digests, key).forEach((order, at) => {
      if (order > last) return;
      const [row, label] = [rows[at] as number, labels[at] as number];
      if (first.has(order) || isCarrier(row)) return;
      const place = places.data.slice(at * places.cols, (at + 1) * places.cols);
      first.set(order, { path, row, label, order, place });
    });
  };
  for (const shard of judged) {
    const { path } = shard;
    const isCarrier = carriers?.shards.has(path)
      ? carrierTest(carriers, path, (await batch.signedOf(shard)).signatures)
      : () => false;
    await store.use(numberOf(shard), (sample) => add(path, sample, isCarrier));
    if (first.size <= 2 * MOST_ROWS) continue;
    first = leastOf(first);
    last = Math.max(...first.keys());
  }
  return [...leastOf(first).values()];
}

function leastOf(rows: ReadonlyMap<number, SampledRow>): Map<number, SampledRow> {
  return new Map([...rows].sort(([a], [b]) => a - b).slice(0, MOST_ROWS));
}
