import type { Detector } from './contract.js';
import { labelFlip } from './detectors/label-flip.js';
import { outlier } from './detectors/outlier.js';

/** Every detector; a new one is a file in detectors/ and a line here. */
export const detectors: readonly Detector<unknown>[] = [labelFlip, outlier] as readonly Detector<unknown>[];
