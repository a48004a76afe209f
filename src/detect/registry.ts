import { Bug } from '../errors.js';
import type { FindingKind } from '../schema/index.js';
import type { Detector } from './contract.js';
import { duplicateFlood } from './detectors/duplicate-flood.js';
import { labelFlip } from './detectors/label-flip.js';
import { outlier } from './detectors/outlier.js';
import type { LedgerDetector } from './ledger/contract.js';

/** Every detector; a new one is a file in detectors/ and a line here. */
export const detectors: readonly Detector<unknown>[] = [labelFlip, outlier] as readonly Detector<unknown>[];

/** Every detector that counts over a whole batch. */
export const ledgerDetectors: readonly LedgerDetector[] = [duplicateFlood];

/** The detector of a kind that a baseline was fitted with. @throws Bug when there is none: its rows would go unjudged */
export function detectorOf(kind: FindingKind): Detector<unknown> {
  const detector = detectors.find((one) => one.kind === kind);
  if (detector === undefined) throw new Bug(`No detector is of kind ${kind}`);
  return detector;
}
