import type { Table } from 'apache-arrow';
import type { Baseline, Exemplar } from '../baseline/index.js';
import { type Encoder, encodeRows, type RowContent } from '../encode/index.js';
import type { Neighbour } from './types.js';

type Values = RowContent['values'];

/** What of a baseline it takes to find trusted rows like a row. */
export type ComparedBaseline = Pick<Baseline, 'encoder' | 'exemplars' | 'classes'>;

interface ComparedRow {
  readonly row: number;
  /** Class indices, −1 for none: the one it carries, and the one that a model gives it. */
  readonly label: number;
  readonly called: number;
  readonly values: Values;
}

export interface Neighbours {
  readonly neighbour: Neighbour | null;
  readonly lookalike: Neighbour | null;
}

export const NO_NEIGHBOURS: Neighbours = { neighbour: null, lookalike: null };

/**
 * The kept trusted rows that are nearest to a row in the features of the detectors: of its own label, or of any where
 * none of that was kept, and of the label that a model gives it where that is another.
 */
export function findNeighbours(
  { encoder, exemplars, classes }: ComparedBaseline,
  table: Table,
  { row, label, called, values: own }: ComparedRow,
): Neighbours {
  if (exemplars === null) return NO_NEIGHBOURS;
  const { data, cols } = encodeRows(encoder, table.slice(row, row + 1)).features;
  const distances = exemplars.rows.map((_, at) =>
    squaredDistance(data, exemplars.features.data.subarray(at * cols, (at + 1) * cols)),
  );
  const nearest = (isCandidate: (exemplar: Exemplar) => boolean): Neighbour | null => {
    let least: number | undefined;
    for (const [at, exemplar] of exemplars.rows.entries()) {
      const isNearer = least === undefined || (distances[at] ?? 0) < (distances[least] ?? 0);
      if (isNearer && isCandidate(exemplar)) least = at;
    }
    const found = exemplars.rows[least ?? -1];
    if (found === undefined) return null;
    return {
      values: found.values,
      images: found.images,
      label: classes[found.label] ?? null,
      sharesLabel: found.label === label || classes.length === 0,
      alike: alikeColumns(encoder, own, found.values),
    };
  };
  return {
    neighbour: nearest((one) => label >= 0 && one.label === label) ?? nearest(() => true),
    lookalike: called < 0 || called === label ? null : nearest((one) => one.label === called),
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
