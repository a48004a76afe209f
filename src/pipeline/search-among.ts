import { findSuspects, type ItemSpace, type Trigger, type TrustedItems } from '../detect/index.js';
import { type AssessedBatch, allRowsOf, chooseDistinct } from './assessed-batch.js';
import { fetchPlaced } from './fetch-placed.js';
import { tellSuspects } from './find-suspected.js';

/** As many as a batch without trusted rows is judged by. */
const MOST_ROWS = 20_000;

/** Are there texts or pictures, whose items rows can contradict? */
export function mayContradict({ texts, grids }: ItemSpace): boolean {
  return texts.length + grids.length > 0;
}

/** Triggers by what the rows of a batch say of one another, without those that trusted rows know. */
export async function searchAmong(batch: AssessedBatch, trusted: TrustedItems, level: number): Promise<Trigger[]> {
  const { baseline } = batch.job;
  const chosen = await chooseDistinct(batch, MOST_ROWS);
  const labelled = chosen.filter(({ label }) => label >= 0);
  if (labelled.length === 0) return [];
  const { table, labels, placesOf } = await fetchPlaced(labelled, batch);
  const digests = new Float64Array(table.numRows);
  placesOf(labelled).forEach((place, at) => {
    digests[place] = labelled[at]?.digest ?? 0;
  });
  const found = findSuspects({ table, labels, classes: baseline.classes.length, digests }, trusted.space);
  return tellSuspects(allRowsOf(batch), found, baseline.classes, { level, redact: batch.redact, trusted });
}
