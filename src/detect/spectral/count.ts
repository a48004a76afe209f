import { type Matrix, multiply } from '../../linear/index.js';
import { TAIL_SHARES } from '../calibration.js';
import type { SpectralModel } from './fit.js';
import { type ClassedRows, centreByClass, centredDirection, rowsOfClass, takeClassed } from './scatter.js';

/** How many rows of a class lie far out along a direction that other rows of the class gave. Plain data. */
export interface SpectralTail {
  readonly label: number;
  /** Counted rows, and trusted ones that they are compared with. */
  readonly rows: number;
  readonly trusted: number;
  /** Of the class, those that gave the direction too. */
  readonly classRows: number;
  /** By share of trusted rows beyond. */
  readonly shares: readonly {
    readonly beyond: number;
    readonly count: number;
    /** Rows of the class beyond, farthest first. */
    readonly far: readonly number[];
  }[];
}

/** Fewer rows of a class say nothing of their directions. */
const LEAST_ROWS = 30;

/**
 * Spectral signatures (Tran et al. 2018) beside trusted rows: one half of the rows of each class gives the direction in
 * which they differ most, plain and whitened by trusted rows (Hayase et al. 2021), the other half is counted in its tail, and
 * the other way round. Given the direction, counted rows and trusted ones are alike where nothing distinguishes them.
 * `rows` are along the model's directions, in an order that has nothing to do with what they are.
 */
export function countSpectral(model: SpectralModel, rows: ClassedRows): SpectralTail[] {
  const placed = { labels: rows.labels, features: centreByClass(rows, model.means) };
  const spaces = [placed, whitened(placed, model)];
  const usual = [model.usual, whitened(model.usual, model)];
  return [...Array(model.means.rows).keys()].flatMap((label) => {
    const own = Int32Array.from(rows.labels.keys()).filter((row) => rows.labels[row] === label);
    const halves = [0, 1].map((half) => own.filter((_, at) => at % 2 === half)) as [Int32Array, Int32Array];
    return spaces.flatMap((space, at) => {
      const trusted = rowsOfClass(usual[at] as ClassedRows, label);
      if (trusted.rows < LEAST_ROWS || halves.some(({ length }) => length < LEAST_ROWS)) return [];
      return [halves, [halves[1], halves[0]] as const].map(([seen, counted]) =>
        countTail(label, space, { seen, counted, own }, trusted),
      );
    });
  });
}

function whitened({ features, labels }: ClassedRows, { whitening }: SpectralModel): ClassedRows {
  return { features: multiply(features, whitening), labels };
}

interface HalvedClass {
  readonly seen: Int32Array;
  readonly counted: Int32Array;
  readonly own: Int32Array;
}

function countTail(
  label: number,
  space: ClassedRows,
  { seen, counted, own }: HalvedClass,
  trusted: Matrix,
): SpectralTail {
  const fitted = takeClassed(space, seen).features;
  const direction = centredDirection(fitted);
  const side = sideOf(multiply(fitted, direction).data);
  const along = (rows: Matrix) => Float64Array.from(multiply(rows, direction).data, (place) => side * place);
  const places = along(takeClassed(space, own).features);
  const placeOf = new Map(Array.from(own, (row, at) => [row, places[at] as number]));
  const usual = along(trusted).sort();
  const shares = TAIL_SHARES.flatMap((share) => {
    const beyond = Math.floor(share * usual.length);
    if (beyond === 0) return [];
    const threshold = usual[usual.length - beyond] as number;
    const isFar = (row: number) => (placeOf.get(row) as number) > threshold;
    const far = Array.from(own.filter(isFar)).sort((a, b) => (placeOf.get(b) as number) - (placeOf.get(a) as number));
    return [{ beyond, count: counted.filter(isFar).length, far }];
  });
  return { label, rows: counted.length, trusted: usual.length, classRows: own.length, shares };
}

/** The side on which rows reach farther from their middle. */
function sideOf(places: Float32Array): 1 | -1 {
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  return places.reduce((sum, place) => sum + (place - mean) ** 3, 0) < 0 ? -1 : 1;
}
