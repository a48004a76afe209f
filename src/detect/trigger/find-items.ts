import { highHalf, lowHalf } from '../../encode/index.js';
import { patchCells, patchesOf } from './grids.js';
import { type RowItems, visitTables } from './row-items.js';
import type { ItemSpace } from './space.js';

const SIEVE_BITS = 16;

/** Tells which of some items, by their places among these, a row carries: looks at nothing that cannot have one. */
export function itemFinder(
  space: ItemSpace,
  items: readonly number[],
): (own: RowItems, row: number) => readonly number[] {
  const findHashes = hashFinder(items);
  const findCells = cellFinder(space, items);
  return (own, row) => {
    const found: number[] = [];
    findHashes(own, row, found);
    findCells(own, row, found);
    return found;
  };
}

type Finder = (own: RowItems, row: number, found: number[]) => void;

function hashFinder(items: readonly number[]): Finder {
  const indexOf = new Map([...items.entries()].flatMap(([index, item]) => (item >= 0 ? [[item, index]] : [])));
  // Nearly all of what a row carries is not looked for.
  const sieve = new Uint8Array(2 ** SIEVE_BITS);
  for (const item of indexOf.keys()) sieve[sievePlace(item)] = 1;
  return ({ starts, ids }, row, found) => {
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) {
      const id = ids[k] as number;
      if (sieve[sievePlace(id)] === 0) continue;
      const index = indexOf.get(id);
      if (index !== undefined) found.push(index);
    }
  };
}

function sievePlace(id: number): number {
  return lowHalf(id, highHalf(id)) & (2 ** SIEVE_BITS - 1);
}

function cellFinder({ columns, grids, cells }: ItemSpace, items: readonly number[]): Finder {
  const indexOf = new Int32Array(cells).fill(-1);
  items.forEach((item, index) => {
    if (item < 0) indexOf[-1 - item] = index;
  });
  const hasAny = (from: number, to: number) => indexOf.subarray(from, to).some((index) => index >= 0);
  const tables: { a: number; b: number; at: number; width: number }[] = [];
  visitTables(columns, (a, b, at, width) => {
    if (hasAny(at, at + (columns[a]?.codes ?? 0) * width)) tables.push({ a, b, at, width });
  });
  const pictures = [...grids.entries()].filter(([, grid]) => hasAny(grid.offset, grid.offset + patchCells(grid)));
  return ({ codes, bits }, row, found) => {
    const from = row * columns.length;
    const look = (cell: number) => {
      const index = indexOf[cell] as number;
      if (index >= 0) found.push(index);
    };
    for (const { a, b, at, width } of tables) {
      look(at + (codes[from + a] as number) * width + (codes[from + b] as number));
    }
    for (const [index, grid] of pictures) {
      patchesOf(grid, bits[index] as Uint8Array, row).forEach(look);
    }
  };
}
