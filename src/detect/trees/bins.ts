import { lowerBound, type Matrix } from '../../linear/index.js';

/** Columns cut into at most 256 bins; plain data. */
export interface BinnedColumns {
  readonly rows: number;
  /** cols × rows: bin of each cell, column after column. */
  readonly bins: Uint8Array;
  /** Per column, ascending: a value lies in the first bin whose edge is not below it, else in one more. */
  readonly edges: readonly Float32Array[];
}

/** Rows in bins up to `bin` of the column go left. */
export interface Split {
  readonly column: number;
  readonly bin: number;
}

const MOST_EDGES = 255;

/** Cuts the first `cols` columns at their values, or at quantiles of them where there are many. */
export function binColumns(features: Matrix, cols: number): BinnedColumns {
  const { rows } = features;
  const bins = new Uint8Array(rows * cols);
  const values = new Float32Array(rows);
  const edges = Array.from({ length: cols }, (_, col) => {
    for (let row = 0; row < rows; row++) values[row] = features.data[row * features.cols + col] as number;
    const own = edgesOf(values);
    for (let row = 0; row < rows; row++) bins[col * rows + row] = lowerBound(own, values[row] as number);
    return own;
  });
  return { rows, bins, edges };
}

/** The greatest value needs no edge. */
function edgesOf(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  const distinct = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  if (distinct.length <= MOST_EDGES + 1) return distinct.subarray(0, -1);
  const quantiles = Float32Array.from(
    { length: MOST_EDGES },
    (_, edge) => sorted[Math.floor(((edge + 1) * sorted.length) / (MOST_EDGES + 1))] as number,
  );
  return quantiles.filter((value, at) => value !== quantiles[at - 1] && value !== sorted.at(-1));
}

/** The greatest value that goes left. */
export function edgeAt({ edges }: BinnedColumns, { column, bin }: Split): number {
  return edges[column]?.[bin] as number;
}

/** The split whose edge, one of the column's, is told. */
export function splitAt({ edges }: BinnedColumns, column: number, edge: number): Split {
  return { column, bin: lowerBound(edges[column] as Float32Array, edge) };
}

/** Brings rows that go left to the front; returns how many they are. */
export function partition(chosen: Int32Array, { bins, rows }: BinnedColumns, { column, bin }: Split): number {
  const start = column * rows;
  let left = 0;
  for (let at = 0; at < chosen.length; at++) {
    const row = chosen[at] as number;
    if ((bins[start + row] as number) > bin) continue;
    chosen[at] = chosen[left] as number;
    chosen[left++] = row;
  }
  return left;
}
