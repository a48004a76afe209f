import {
  columnMeans,
  type FilterBank,
  type Matrix,
  multiply,
  normals,
  type Random,
  seededRandom,
  shrinkPictures,
  shrunkSide,
  whitenCentred,
  zeros,
} from '../linear/index.js';
import type { PictureShape } from './picture-shape.js';

/** Pixels a side. */
const FILTER_SIZE = 5;
const FILTERS = 32;
/** Places of a filter a side. */
const PLACES = 12;
/** In smaller pictures a filter has too few places: each pixel by itself tells more. */
const LEAST_SIDE = 12;
/** Larger pictures are shrunk: what a picture shows can be told from so many pixels a side. */
const MOST_SIDE = 64;
/** Squares of trusted pictures that filters are fitted on. */
const SQUARES = 20_000;
/** Of the mean variance of a pixel: how much of it counts as noise, lest noise be what filters see most of. */
const NOISE = 3;

/**
 * Random filters whose answers, over squares of trusted pictures (pictures × pixels), are about as strong and have as
 * little in common whatever pixels beside one another have: what a picture shows then tells more than how bright it is.
 * They know of single pictures nothing. Undefined where pictures are too small.
 */
export function fitFilters(shape: PictureShape, pictures: Matrix, seed: string): FilterBank | undefined {
  if (shape.side < LEAST_SIDE) return undefined;
  const given = { ...shape, shrink: Math.ceil(shape.side / MOST_SIDE) };
  const stride = Math.max(1, Math.floor((shrunkSide(given) - FILTER_SIZE) / (PLACES - 1)));
  const random = seededRandom(seed);
  const squares = drawSquares(shrinkPictures(given, pictures), shrunkSide(given), random);
  const weights = multiply(whitenCentred(centred(squares), NOISE), directions(squares.cols, random));
  const middles = medians(multiply(squares, weights));
  return { ...given, size: FILTER_SIZE, stride, weights, middles };
}

/** At random places of pictures one after the other: squares × (size · size · channels). */
function drawSquares(pictures: Matrix, side: number, random: Random): Matrix {
  const channels = pictures.cols / side ** 2;
  const width = FILTER_SIZE * channels;
  const squares = zeros(SQUARES, FILTER_SIZE * width);
  const corners = side - FILTER_SIZE + 1;
  for (let at = 0; at < SQUARES * FILTER_SIZE; at += FILTER_SIZE) {
    const picture = ((at / FILTER_SIZE) % pictures.rows) * pictures.cols;
    const [top, left] = [Math.floor(random() * corners), Math.floor(random() * corners)];
    for (let y = 0; y < FILTER_SIZE; y++) {
      const from = picture + ((top + y) * side + left) * channels;
      squares.data.set(pictures.data.subarray(from, from + width), (at + y) * width);
    }
  }
  return squares;
}

function centred(squares: Matrix): Matrix {
  const means = columnMeans(squares);
  return { ...squares, data: squares.data.map((value, at) => value - (means[at % squares.cols] as number)) };
}

/** Random ones of unit length: dims × filters. */
function directions(dims: number, random: Random): Matrix {
  const data = normals(random, dims * FILTERS);
  for (let filter = 0; filter < FILTERS; filter++) {
    let squares = 0;
    for (let at = filter; at < data.length; at += FILTERS) squares += (data[at] as number) ** 2;
    for (let at = filter; at < data.length; at += FILTERS) data[at] = (data[at] as number) / Math.sqrt(squares);
  }
  return { rows: dims, cols: FILTERS, data };
}

function medians({ rows, cols, data }: Matrix): Float32Array {
  return Float32Array.from({ length: cols }, (_, column) => {
    const answers = Float32Array.from({ length: rows }, (_, row) => data[row * cols + column] as number).sort();
    return answers[rows >> 1] as number;
  });
}
