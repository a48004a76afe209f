import { writeParts } from './assessed-file.js';
import { instructionPieces } from './instruction-files.js';
import { itemPieces } from './item-store.js';
import { keptPieces } from './kept-rows.js';
import { rowPieces } from './row-store.js';
import { spectralPieces } from './spectral-store.js';
import type { AssessedShard } from './types.js';

/** Puts what is known of a shard's rows into a scratch folder, until the batch is decided on. @throws Transient WRITE_FAILED */
export function keepAssessed(
  folder: string,
  number: number,
  { rows, items, spectral, oddest, instructions }: AssessedShard,
): Promise<void> {
  return writeParts(folder, number, {
    ...rowPieces(rows),
    ...(items && itemPieces(items)),
    ...(spectral && spectralPieces(spectral)),
    ...(oddest && { oddest: keptPieces(oddest) }),
    ...(instructions && { instructions: instructionPieces(instructions) }),
  });
}
