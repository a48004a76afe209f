import type { Table } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { encodeRows } from '../encode/index.js';
import type { WorstRow } from './types.js';

/** The kept trusted row of label `label`, or else of any, that is nearest to row `row` in the features of the detectors. */
export function findNeighbour(
  { encoder, exemplars }: Pick<Baseline, 'encoder' | 'exemplars'>,
  table: Table,
  row: number,
  label: number,
): WorstRow['neighbour'] {
  if (exemplars === null) return null;
  const { data, cols } = encodeRows(encoder, table.slice(row, row + 1)).features;
  const ofLabel = label < 0 ? [] : exemplars.rows.filter((one) => one.label === label);
  const candidates = new Set(ofLabel.length > 0 ? ofLabel : exemplars.rows);
  let least = Number.POSITIVE_INFINITY;
  let nearest = null;
  for (const [at, exemplar] of exemplars.rows.entries()) {
    if (!candidates.has(exemplar)) continue;
    const distance = squaredDistance(data, exemplars.features.data.subarray(at * cols, (at + 1) * cols));
    if (distance >= least) continue;
    least = distance;
    nearest = { values: exemplar.values, images: exemplar.images, sharesLabel: ofLabel.length > 0 };
  }
  return nearest;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + (value - (b[d] ?? 0)) ** 2, 0);
}
