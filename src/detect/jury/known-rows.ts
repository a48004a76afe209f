import { lowerBound, type Matrix, zeros } from '../../linear/index.js';

/** What is known of rows by their digests. Plain data. */
export interface KnownRows {
  /** Ascending, none twice. */
  readonly digests: Float64Array;
  /** digests × classes. */
  readonly scores: Matrix;
}

/** Copies of a row have one digest and equal scores. */
export function knowRows(digests: Float64Array, scores: Matrix): KnownRows {
  const rowOf = new Map<number, number>();
  digests.forEach((digest, row) => {
    if (!rowOf.has(digest)) rowOf.set(digest, row);
  });
  const ascending = Float64Array.from(rowOf.keys()).sort();
  const { cols, data } = scores;
  const known = zeros(ascending.length, cols);
  ascending.forEach((digest, at) => {
    const row = rowOf.get(digest) ?? 0;
    known.data.set(data.subarray(row * cols, (row + 1) * cols), at * cols);
  });
  return { digests: ascending, scores: known };
}

export function isKnown({ digests }: KnownRows, digest: number): boolean {
  return digests[lowerBound(digests, digest)] === digest;
}

/** Scores by digest, those of unknown rows from `others`: rows × classes. */
export function readKnown({ digests, scores }: KnownRows, wanted: Float64Array, others: Matrix): Matrix {
  const { cols } = scores;
  const read = zeros(wanted.length, cols);
  wanted.forEach((digest, row) => {
    const at = lowerBound(digests, digest);
    const [source, from] = digests[at] === digest ? [scores.data, at * cols] : [others.data, row * cols];
    read.data.set(source.subarray(from, from + cols), row * cols);
  });
  return read;
}
