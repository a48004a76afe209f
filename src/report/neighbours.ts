import type { Table } from 'apache-arrow';
import type { Baseline, Exemplar } from '../baseline/index.js';
import { type Encoder, encodeRows, type RowContent } from '../encode/index.js';
import type { Neighbour } from './types.js';

type Values = RowContent['values'];

/** What of a baseline it takes to find trusted rows like a row. */
export type ComparedBaseline = Pick<Baseline, 'encoder' | 'exemplars' | 'classes'>;

/** The kept trusted row of the same label, or else of any, that is nearest to a row in the features of the detectors. */
export function findNeighbour(
  { encoder, exemplars, classes }: ComparedBaseline,
  table: Table,
  { row, label, values: content }: { readonly row: number; readonly label: number; readonly values: Values },
): Neighbour | null {
  if (exemplars === null) return null;
  const { data, cols } = encodeRows(encoder, table.slice(row, row + 1)).features;
  const ofLabel = label < 0 ? [] : exemplars.rows.filter((one) => one.label === label);
  const candidates = new Set(ofLabel.length > 0 ? ofLabel : exemplars.rows);
  let least = Number.POSITIVE_INFINITY;
  let nearest: Exemplar | undefined;
  for (const [at, exemplar] of exemplars.rows.entries()) {
    const distance = squaredDistance(data, exemplars.features.data.subarray(at * cols, (at + 1) * cols));
    if (!candidates.has(exemplar) || distance >= least) continue;
    least = distance;
    nearest = exemplar;
  }
  if (nearest === undefined) return null;
  const { values, images } = nearest;
  return {
    values,
    images,
    sharesLabel: ofLabel.length > 0 || classes.length === 0,
    alike: alikeColumns(encoder, content, values),
  };
}

/** No two rows have the same numbers or times: what is a little off is not worth a mark, nor is any time. */
function alikeColumns({ tabular }: Encoder, own: Values, trusted: Values): ReadonlySet<string> {
  const alike = (tabular?.columns ?? []).filter(({ name, model }) => {
    const distance = Math.abs(Number(own.get(name)) - Number(trusted.get(name)));
    return model.kind === 'time' || (model.kind === 'number' && distance <= model.deviation);
  });
  return new Set(alike.map(({ name }) => name));
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + (value - (b[d] ?? 0)) ** 2, 0);
}
