import type { Vector } from 'apache-arrow';
import { readNumbers } from './columns.js';
import type { FeatureBlock } from './feature-block.js';

export interface TimeModel {
  readonly kind: 'time';
  /** Milliseconds of the cycles that trusted rows have gone through. */
  readonly periods: readonly number[];
}

const DAY_MS = 86_400_000;
const PERIODS_MS = [365.2425 * DAY_MS, 7 * DAY_MS, DAY_MS];

/**
 * Time moves on by nature: a later date is no anomaly. What can be odd is the time of year, week and day, as far as
 * trusted rows cover the whole cycle.
 */
export function fitTime(column: Vector): TimeModel {
  const times = readNumbers(column).filter(Number.isFinite);
  const earliest = times.reduce((least, time) => Math.min(least, time), Infinity);
  const latest = times.reduce((most, time) => Math.max(most, time), -Infinity);
  return { kind: 'time', periods: PERIODS_MS.filter((period) => latest - earliest >= period) };
}

/** Sine and cosine of each cycle, and a missing flag. */
export function timeWidth({ periods }: TimeModel): number {
  return 2 * periods.length + 1;
}

export function encodeTime({ periods }: TimeModel, column: Vector, { features, offset, missing }: FeatureBlock): void {
  readNumbers(column).forEach((time, row) => {
    const at = row * features.cols + offset;
    if (!Number.isFinite(time)) features.data[row * features.cols + missing] = 1;
    else
      periods.forEach((period, index) => {
        const angle = (2 * Math.PI * (time % period)) / period;
        features.data[at + 2 * index] = Math.sin(angle);
        features.data[at + 2 * index + 1] = Math.cos(angle);
      });
  });
}
