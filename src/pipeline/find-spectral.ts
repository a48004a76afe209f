import type { SpectralEvidence } from '../decide/index.js';
import { countSpectral } from '../detect/index.js';
import { encodeRows } from '../encode/index.js';
import { selectRows } from '../linear/index.js';
import { type AssessedBatch, chooseDistinct } from './assessed-batch.js';
import { fetchPlaced } from './fetch-placed.js';

/** Beyond so many rows of a batch more of them cost more than they tell. */
const MOST_ROWS = 4000;

/** What rows of each class have in common that trusted ones do not have, as a sample of the batch shows it. */
export async function findSpectral(batch: AssessedBatch): Promise<SpectralEvidence> {
  const { spectral, encoder } = batch.job.baseline;
  if (spectral === null) return { tails: [], places: [] };
  const chosen = (await chooseDistinct(batch, MOST_ROWS)).filter(({ label }) => label >= 0);
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
