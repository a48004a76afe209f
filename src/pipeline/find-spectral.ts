import type { SpectralEvidence } from '../decide/index.js';
import { countSpectral } from '../detect/index.js';
import { encodeRows } from '../encode/index.js';
import { selectRows } from '../linear/index.js';
import { type AssessedBatch, chooseDistinct, chooseShards, rowsIn } from './assessed-batch.js';
import { fetchPlaced } from './fetch-placed.js';

/** Beyond so many rows of a batch more of them cost more than they tell. */
const MOST_ROWS = 4000;
/** To read rows of a shard takes as long as to read the shard. */
const MOST_SHARDS = 16;

/** What rows of each class have in common that trusted ones do not have, as a sample of the batch shows it. */
export async function findSpectral(batch: AssessedBatch): Promise<SpectralEvidence> {
  const { spectral, encoder } = batch.job.baseline;
  if (spectral === null) return { tails: [], places: [] };
  const shards = chooseShards(batch, MOST_SHARDS);
  const rowsThere = rowsIn({ ...batch, assessments: batch.assessments.filter(({ path }) => shards.has(path)) });
  const most = (MOST_ROWS * rowsIn(batch)) / Math.max(1, rowsThere);
  const chosen = (await chooseDistinct(batch, most)).filter(({ label, path }) => label >= 0 && shards.has(path));
  if (chosen.length === 0) return { tails: [], places: [] };
  // By digest: which half a row falls into has nothing to do with what it is or where it stands.
  const places = chosen.sort((a, b) => a.digest - b.digest);
  const { table, placesOf } = await fetchPlaced(places, batch);
  const features = encodeRows(encoder, table).features;
  const at = placesOf(places);
  const labels = Int32Array.from(places, ({ label }) => label);
  const rows = { features: selectRows(features, at), labels };
  return { tails: countSpectral(spectral, rows), places: places.map(({ path, row }) => ({ path, row })) };
}
