import type { RowImage } from '../../encode/index.js';
import type { WorstRow } from '../types.js';

/** Pictures that use less of what a byte can hold than this are too dark to be seen. */
const DARK = 128;

type Images = ReadonlyMap<string, RowImage>;

/** The rows with their pictures so many times as bright, all of them alike: many data sets keep few levels of grey. */
export function brightened(rows: readonly WorstRow[]): { readonly rows: readonly WorstRow[]; readonly factor: number } {
  let most = 0;
  for (const { images, neighbour, lookalike } of rows) {
    for (const shown of [images, neighbour?.images, lookalike?.images]) {
      for (const { pixels } of shown?.values() ?? []) for (const pixel of pixels) most = Math.max(most, pixel);
    }
  }
  const factor = most === 0 || most >= DARK ? 1 : Math.floor(255 / most);
  if (factor === 1) return { rows, factor };
  const times = (images: Images) =>
    new Map([...images].map(([name, one]) => [name, { ...one, pixels: one.pixels.map((pixel) => factor * pixel) }]));
  const beside = (one: WorstRow['neighbour']) => one && { ...one, images: times(one.images) };
  return {
    rows: rows.map((row) => ({
      ...row,
      images: times(row.images),
      neighbour: beside(row.neighbour),
      lookalike: beside(row.lookalike),
    })),
    factor,
  };
}
