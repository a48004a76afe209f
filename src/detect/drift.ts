import { sumOf } from '../linear/index.js';
import { visitTables } from './trigger/row-items.js';
import type { ItemSpace } from './trigger/space.js';

/** How far the rows of a batch lie from the trusted ones in one column, or in their labels. */
export interface Shift {
  readonly name: string;
  readonly index: number;
}

/** From here on a shift is called moderate, from .25 on large (Siddiqi 2006). */
const MODERATE_SHIFT = 0.1;
/** Beyond what chance makes of rows of one law, in standard deviations. */
const DEVIATIONS = 4;

/**
 * Population stability index of counts over the same bins: Σ (b − t) ln(b / t) over their shares, half a row added to
 * each count. Undefined for what is not moderate, or may be chance: of n and m rows of one law it is (1/n + 1/m) χ² of
 * as many degrees as there are bins but one (Yurdakul 2018).
 */
export function shiftOf(name: string, trusted: Float64Array, batch: Float64Array): Shift | undefined {
  const [n, m] = [sumOf(batch), sumOf(trusted)];
  if (n === 0 || m === 0) return undefined;
  const shareOf = (counts: Float64Array, all: number, bin: number) =>
    ((counts[bin] as number) + 0.5) / (all + counts.length / 2);
  let index = 0;
  for (let bin = 0; bin < batch.length; bin++) {
    const [own, usual] = [shareOf(batch, n, bin), shareOf(trusted, m, bin)];
    index += (own - usual) * Math.log(own / usual);
  }
  const degrees = batch.length - 1;
  const chance = (1 / n + 1 / m) * (degrees + DEVIATIONS * Math.sqrt(2 * degrees));
  return index - chance >= MODERATE_SHIFT ? { name, index } : undefined;
}

/** Shifts of the columns whose values are counted in pairs, from the counts of all pairs; in column order. */
export function columnShifts({ columns }: ItemSpace, trusted: Uint32Array, batch: Uint32Array): Shift[] {
  const marginals = columns.map(({ codes }) => ({
    trusted: new Float64Array(codes),
    batch: new Float64Array(codes),
    isCounted: false,
  }));
  visitTables(columns, (a, b, at, width) => {
    for (const [place, codeOf] of [
      [a, (cell: number) => Math.floor(cell / width)],
      [b, (cell: number) => cell % width],
    ] as const) {
      const own = marginals[place];
      if (own === undefined || own.isCounted) continue;
      own.isCounted = true;
      for (let cell = 0; cell < (columns[a]?.codes ?? 0) * width; cell++) {
        const code = codeOf(cell);
        own.trusted[code] = (own.trusted[code] as number) + (trusted[at + cell] as number);
        own.batch[code] = (own.batch[code] as number) + (batch[at + cell] as number);
      }
    }
  });
  return columns.flatMap(({ name }, place) => {
    const own = marginals[place];
    return own?.isCounted === true ? (shiftOf(name, own.trusted, own.batch) ?? []) : [];
  });
}
