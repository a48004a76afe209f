import { instructionFiles } from './instruction-files.js';
import { itemFiles } from './item-store.js';
import { keptFiles } from './kept-rows.js';
import { rowFiles } from './row-store.js';
import { spectralFiles } from './spectral-store.js';
import type { AssessedShard } from './types.js';

/** Puts what is known of a shard's rows into a scratch folder, until the batch is decided on. @throws Transient WRITE_FAILED */
export async function keepAssessed(
  folder: string,
  number: number,
  { rows, items, spectral, oddest, instructions }: AssessedShard,
): Promise<void> {
  await rowFiles(folder).write(number, rows);
  if (items !== null) await itemFiles(folder).write(number, items);
  if (spectral) await spectralFiles(folder).write(number, spectral);
  if (oddest) await keptFiles(folder, 'oddest').write(number, oddest);
  if (instructions) await instructionFiles(folder).write(number, instructions);
}
