import type { Table } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { takeRows } from '../encode/index.js';
import { type KeptRows, knownColumns } from './kept-rows.js';
import type { DetectorRows } from './types.js';

/** So many rows of a batch are shown with their cells, whatever the verdict. */
export const WORST_ROWS = 10;
/** Of a shard; larger rows are read again where they are wanted. */
const MOST_BYTES = 2 ** 20;
/** Ranks rows of equal p-value by their score without reaching the next p-value. */
export const TIE_BREAK = 1e-7;

/** How suspicious one detector alone finds a row, 0..1. */
export function suspicionOf({ anomalyScore, pValue }: DetectorRows, row: number): number {
  const p = pValue[row] as number;
  return Number.isNaN(p) ? 0 : Math.min(1, 1 - p + TIE_BREAK * (anomalyScore[row] as number));
}

/** The rows of highest suspicion, highest first; of rows that tie, the first in order. */
export function mostSuspicious(rows: number, count: number, suspicion: (row: number) => number): number[] {
  const top: { readonly row: number; readonly own: number }[] = [];
  for (let row = 0; row < rows; row++) {
    const own = suspicion(row);
    const last = top[count - 1];
    if (last !== undefined && own <= last.own) continue;
    top.splice(top.findLastIndex((other) => other.own >= own) + 1, 0, { row, own });
    top.length = Math.min(top.length, count);
  }
  return top.map(({ row }) => row);
}

/**
 * The rows that each detector finds the oddest of a shard, while its cells are at hand: those that a report shows are
 * mostly of them. Undefined where they are large.
 */
export function oddestRows(
  table: Table,
  detectors: readonly DetectorRows[],
  { columns }: Baseline,
): KeptRows | undefined {
  const oddest = detectors.flatMap((one) => mostSuspicious(table.numRows, WORST_ROWS, (row) => suspicionOf(one, row)));
  const rows = [...new Set(oddest)].sort((a, b) => a - b);
  const taken = takeRows(knownColumns(table, columns), Int32Array.from(rows));
  const bytes = taken.batches.reduce((sum, { data }) => sum + data.byteLength, 0);
  return bytes > MOST_BYTES ? undefined : { rows, table: taken };
}
