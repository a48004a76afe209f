import { Uint8 } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import {
  brightBits,
  findLoose,
  fitGrids,
  type PixelGrid,
  patchCells,
  patchesOf,
  placeOf,
} from '../../../src/detect/trigger/grids.js';
import { lists, tableOf } from '../../encode/tables.js';

const SIDE = 16;

/** Pictures of one shade, with a 3×3 block of another whose top left pixel is at `places`, none where that is undefined. */
function blocks(places: readonly (readonly [y: number, x: number] | undefined)[], [shade, block]: [number, number]) {
  const pixels = places.map((place) =>
    Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const [y, x] = [Math.floor(pixel / SIDE), pixel % SIDE];
      const isIn = place && y >= place[0] && y < place[0] + 3 && x >= place[1] && x < place[1] + 3;
      return isIn ? block : shade;
    }),
  );
  return tableOf({ pixels: lists(pixels, new Uint8()) });
}

function cellsOf(grid: PixelGrid, table: ReturnType<typeof blocks>, row: number): number[] {
  return [...patchesOf(grid, brightBits(grid, table.getChild('pixels')!), row)];
}

const trusted = blocks([[0, 0], undefined], [0, 255]);
const grids = fitGrids(trusted, ['pixels'], 100);
const middle = grids[1]!;

describe('patches of a picture', () => {
  it('are one at each place, in a table of their own for each threshold', () => {
    expect(grids.map(({ threshold }) => threshold)).toEqual([12.75, 127.5, 242.25]);
    expect(grids.map(({ offset }) => offset)).toEqual([0, 1, 2].map((at) => 100 + at * patchCells(middle)));
    const placed = cellsOf(middle, trusted, 0).map((cell) => placeOf(middle, cell));
    expect(placed.filter((place) => place !== undefined)).toEqual([...Array((SIDE - 2) ** 2).keys()]);
  });

  it('are told where they are hardly brighter than what is around them', () => {
    const faint = blocks([[4, 4], undefined], [0, 40]);
    const isFaintIn = grids.map((grid) => cellsOf(grid, faint, 0).join() !== cellsOf(grid, faint, 1).join());
    expect(isFaintIn).toEqual([true, false, false]);
  });
});

describe('what may stand at any place', () => {
  const looseOf = (table: ReturnType<typeof blocks>, row: number) =>
    cellsOf(middle, table, row).filter((cell) => placeOf(middle, cell) === undefined);

  it('is the same at each of them, once a picture, and nothing where nothing is', () => {
    const table = blocks([[5, 5], [7, 6], undefined], [0, 255]);
    const found = looseOf(table, 0);
    // The squares of five pixels a side that the block is in, or a part of it.
    expect(found).toHaveLength(7 * 7);
    expect(new Set(looseOf(table, 1))).toEqual(new Set(found));
    expect(looseOf(table, 2)).toEqual([]);
  });

  it('is found where it stands', () => {
    const table = blocks([[5, 5], [7, 6], undefined], [0, 255]);
    const bits = brightBits(middle, table.getChild('pixels')!);
    const whole = looseOf(table, 0).filter((cell) => findLoose(middle, bits, 0, cell)?.length === 9);
    // At each of nine places within the square.
    expect(whole).toHaveLength(9);
    const block = (y: number, x: number) =>
      [0, 1, 2].flatMap((right) => [0, 1, 2].map((down) => (y + down) * SIDE + x + right));
    expect(findLoose(middle, bits, 0, whole[0]!)).toEqual(block(5, 5));
    expect(findLoose(middle, bits, 1, whole[0]!)).toEqual(block(7, 6));
    expect(findLoose(middle, bits, 2, whole[0]!)).toBeUndefined();
  });

  it('is nothing in pictures that have no room for it', () => {
    const tiny = tableOf({ pixels: lists([Array(16).fill(0), Array(16).fill(255)], new Uint8()) });
    const [grid] = fitGrids(tiny, ['pixels'], 0);
    expect(
      cellsOf(grid!, tiny as ReturnType<typeof blocks>, 1).every((cell) => placeOf(grid!, cell) !== undefined),
    ).toBe(true);
  });
});
