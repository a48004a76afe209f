import type { Table, Vector } from 'apache-arrow';
import { readLists } from '../../encode/index.js';
import {
  columnMeans,
  fitWeights,
  type GramSums,
  gramSums,
  type Matrix,
  multiply,
  selectRows,
  zeros,
} from '../../linear/index.js';
import { PATCH, type PixelGrid, rangeOf } from '../trigger/grids.js';

/** Class scores of pictures by models of the other folds, and what each pixel adds to them. */
export interface PixelScores {
  /** Rows × classes. */
  readonly scores: Matrix;
  /** Scores of rows for a class, with the pixels of a patch as they are in rows other than its carriers. */
  without(patch: PatchPlace, carriers: Int32Array): (row: number, target: number) => number;
}

interface PatchPlace {
  readonly left: number;
  readonly top: number;
}

/** Larger pictures are looked at in blocks of pixels. */
const MOST_CELLS_A_SIDE = 32;
/** Of the rows, for pixels between 0 and 1. */
const LAMBDA = 0.01;

/** Ridge classifiers on grey pixels, each row by that of the folds it is not in. */
export function fitPixels(
  grid: PixelGrid,
  table: Table,
  { labels, classes, folds, count }: { labels: Int32Array; classes: number; folds: Uint8Array; count: number },
): PixelScores {
  const block = Math.ceil(grid.side / MOST_CELLS_A_SIDE);
  const side = Math.ceil(grid.side / block);
  const pixels = greyPixels(grid, table.getChild(grid.name) as Vector, block, side);
  const parts = Array.from({ length: count }, (_, fold) =>
    Int32Array.from([...labels.keys()].filter((row) => folds[row] === fold && (labels[row] as number) >= 0)),
  );
  const sums = parts.map((rows) =>
    gramSums(
      selectRows(pixels, rows),
      Int32Array.from(rows, (row) => labels[row] as number),
      classes,
    ),
  );
  const models = parts.map((_, fold) => {
    const rows = parts.reduce((sum, part, other) => sum + (other === fold ? 0 : part.length), 0);
    return fitWeights(sumOf(sums.filter((_, other) => other !== fold)), LAMBDA * Math.max(1, rows));
  });
  const means = columnMeans(pixels);
  const scores = zeros(pixels.rows, classes);
  parts.forEach((rows, fold) => {
    const own = multiply(selectRows(pixels, rows), models[fold] as Matrix);
    rows.forEach((row, i) => {
      scores.data.set(own.data.subarray(i * classes, (i + 1) * classes), row * classes);
    });
  });
  return {
    scores,
    without: (patch, carriers) => {
      const cells = cellsOf(patch, block, side);
      const usual = cells.map((cell) => meanOfOthers(pixels, means, cell, carriers));
      return (row, target) => {
        const { data } = models[folds[row] as number] as Matrix;
        const changes = cells.map((cell, at) => {
          const change = (pixels.data[row * pixels.cols + cell] as number) - (usual[at] as number);
          return (data[cell * classes + target] as number) * change;
        });
        return changes.reduce((score, change) => score - change, scores.data[row * classes + target] as number);
      };
    },
  };
}

/** The blocks that a patch touches. */
function cellsOf({ left, top }: PatchPlace, block: number, side: number): number[] {
  const span = (from: number) => {
    const [first, last] = [Math.floor(from / block), Math.floor((from + PATCH - 1) / block)];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  };
  return span(top).flatMap((y) => span(left).map((x) => y * side + x));
}

/** Of a block in all rows but the carriers: what stands for their own must not be made of it. */
function meanOfOthers({ data, rows, cols }: Matrix, means: Float64Array, cell: number, carriers: Int32Array): number {
  const own = carriers.reduce((sum, row) => sum + (data[row * cols + cell] as number), 0);
  return ((means[cell] as number) * rows - own) / Math.max(1, rows - carriers.length);
}

function sumOf(parts: readonly GramSums[]): GramSums {
  const [first, ...rest] = parts as [GramSums, ...GramSums[]];
  const [gram, moments] = [Float64Array.from(first.gram), Float64Array.from(first.moments)];
  for (const part of rest) {
    part.gram.forEach((value, at) => {
      gram[at] = (gram[at] as number) + value;
    });
    part.moments.forEach((value, at) => {
      moments[at] = (moments[at] as number) + value;
    });
  }
  return { ...first, gram, moments };
}

/** Rows × blocks, and a constant: means of blocks of pixels between 0 and 1. */
function greyPixels({ side, channels }: PixelGrid, cells: Vector, block: number, across: number): Matrix {
  const size = side * side * channels;
  const values = readLists(cells, size);
  const [least, most] = rangeOf(values);
  const scale = 1 / (Math.max(1e-9, most - least) * channels * block * block);
  const cols = across * across + 1;
  const grey = zeros(cells.length, cols);
  for (let row = 0; row < cells.length; row++) {
    for (let at = 0; at < size; at++) {
      const pixel = Math.floor(at / channels);
      const cell = Math.floor(Math.floor(pixel / side) / block) * across + Math.floor((pixel % side) / block);
      const into = row * cols + cell;
      const value = values[row * size + at] as number;
      if (value > least) grey.data[into] = (grey.data[into] as number) + (value - least) * scale;
    }
    grey.data[(row + 1) * cols - 1] = 1;
  }
  return grey;
}
