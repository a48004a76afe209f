import type { ScanOutcome } from './types.js';
import { count, whole } from './wording.js';

/** How much a ledger knew, and whether it is the one that was meant: a new one knows nothing. */
export function noteLedger(ledger: ScanOutcome['ledger']): string[] {
  if (ledger === null) return [];
  const { batches, rows, leftOut, sources } = ledger;
  const known =
    batches === 0
      ? 'The ledger holds no earlier batch that counts; slow drips show from the third batch on.'
      : `The ledger holds ${whole(batches)} earlier ${batches === 1 ? 'batch' : 'batches'} of ${count(rows, 'row')}.`;
  return [
    known,
    ...(leftOut === 0
      ? []
      : [
          `${whole(leftOut)} more of the ledger did not count: judged with another tolerance, or mostly the same rows as another batch.`,
        ]),
    ...(sources === 0
      ? [
          'No source of this batch has an account in the ledger, for want of names or rows: only the batch as a whole has.',
        ]
      : []),
  ];
}
