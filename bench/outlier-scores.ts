import type { Table } from 'apache-arrow';
import { groupCopies } from '../src/baseline/copies.js';
import { fitNeighbours, scoreNeighbours } from '../src/detect/index.js';
import { assignRoles, encodeRows, fitEncoder, rowDigests, unitWeighted } from '../src/encode/index.js';
import { type Matrix, selectRows } from '../src/linear/index.js';

const seed = 'outlier';

/** How unlike the others each row of a table is, higher is worse. */
export type Scoring = (rows: Matrix) => Float64Array;

/** Each row against all others. */
export const leaveOut: Scoring = (rows) =>
  scoreNeighbours(fitNeighbours(rows, seed), rows, (row, fitted) => row === fitted);

/** Each row against the half that does not hold it. */
export const twoFold: Scoring = (rows) => {
  const scores = new Float64Array(rows.rows);
  const folds = [0, 1].map((fold) =>
    Int32Array.from({ length: rows.rows }, (_, row) => row).filter((row) => foldOf(row) === fold),
  );
  folds.forEach((own, fold) => {
    const model = fitNeighbours(selectRows(rows, folds[1 - fold] as Int32Array), `${seed}:${fold}`);
    scoreNeighbours(model, selectRows(rows, own)).forEach((score, at) => {
      scores[own[at] as number] = score;
    });
  });
  return scores;
};

// A hash of the row number: files are often sorted.
function foldOf(row: number): number {
  const mixed = Math.imul(row + 1, 0x85ebca6b);
  return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 16) & 1;
}

/** Encodes a table without a baseline as its own trusted rows. */
export function encodeAlone(table: Table): Matrix {
  const columns = assignRoles(table, { ids: [] }, 'outlier');
  const features = columns.filter(({ role }) => role === 'feature' || role === 'embedding').map(({ name }) => name);
  const { distinct } = groupCopies(rowDigests(table, features));
  const encoder = fitEncoder(table, columns, distinct, seed);
  return unitWeighted(encoder, encodeRows(encoder, table));
}
