import { itemFiles } from '../assess/index.js';
import {
  type CodedRows,
  findSuspects,
  hasDoubtfulPatch,
  type ItemSpace,
  type Trigger,
  type TrustedItems,
  takeCoded,
  trustedCount,
} from '../detect/index.js';
import { type AssessedBatch, allRowsOf, type ChosenRow, chooseDistinct, judgedIn } from './assessed-batch.js';
import { fetchPlaced } from './fetch-placed.js';
import { isUsual, tellSuspects } from './find-suspected.js';

/** As many as a batch without trusted rows is judged by. */
const MOST_ROWS = 20_000;

/** Are there texts or pictures, whose items rows can contradict? */
export function mayContradict({ texts, grids }: ItemSpace): boolean {
  return texts.length + grids.length > 0;
}

/** Triggers by what the rows of a batch say of one another, without those that trusted rows know. */
export async function searchAmong(batch: AssessedBatch, trusted: TrustedItems, level: number): Promise<Trigger[]> {
  const { classes } = batch.job.baseline;
  const chosen = await chooseDistinct(batch, MOST_ROWS);
  const labelled = chosen.filter(({ label }) => label >= 0);
  const asked = {
    classes: classes.length,
    isUsual: (item: number, count: number) =>
      isUsual({ count, batchRows: labelled.length }, { carriers: trustedCount(trusted, item), rows: trusted.rows }),
  };
  if (!(await mayHaveSuspects(batch, trusted.space, labelled, asked))) return [];
  const { table, labels, placesOf } = await fetchPlaced(labelled, batch);
  const digests = new Float64Array(table.numRows);
  placesOf(labelled).forEach((place, at) => {
    digests[place] = labelled[at]?.digest ?? 0;
  });
  const found = findSuspects({ table, labels, digests, ...asked }, trusted.space);
  return tellSuspects(allRowsOf(batch), found, classes, { level, redact: batch.redact, trusted });
}

/**
 * Reading pictures again costs more than all else here. What patches they have is known, and what the model of the
 * trusted rows takes them for.
 */
async function mayHaveSuspects(
  batch: AssessedBatch,
  space: ItemSpace,
  rows: readonly ChosenRow[],
  asked: Omit<Parameters<typeof hasDoubtfulPatch>[2], 'labels' | 'called'>,
): Promise<boolean> {
  if (rows.length === 0) return false;
  if (space.texts.length > 0) return true;
  const { judged, numberOf } = judgedIn(batch);
  const store = itemFiles(batch.job.scratch);
  const parts: CodedRows[] = [];
  const labels: number[] = [];
  const called: number[] = [];
  for (const shard of judged) {
    const own = rows.filter(({ path }) => path === shard.path);
    const places = Int32Array.from(own, ({ row }) => row);
    parts.push(takeCoded(space, await store.readCoded(numberOf(shard)), places));
    const { detectors } = await batch.rowsOf(shard);
    const calledClass = detectors.find((one) => one.calledClass.length > 0)?.calledClass;
    labels.push(...own.map(({ label }) => label));
    called.push(...places.map((row) => calledClass?.[row] ?? -1));
  }
  return hasDoubtfulPatch(space, parts, {
    ...asked,
    labels: Int32Array.from(labels),
    called: Int32Array.from(called),
  });
}
