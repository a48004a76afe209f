import { patchCells, type TrustedItems } from '../../detect/index.js';
import { arrayOf, count, flag, listOf, Misshapen, number, record, type Shape, text } from './shape.js';

type Space = TrustedItems['space'];

/** What trusted rows carry, of a baseline with so many classes. */
export function itemsShape(classes: number): Shape {
  const perClass = arrayOf(Float64Array, classes);
  const whole = record<TrustedItems>({
    space: record<Omit<Space, 'common'>>({
      texts: listOf(text),
      columns: listOf(
        record<Space['columns'][number]>({
          name: text,
          values: listOf(text),
          ends: arrayOf(Float64Array),
          isNumber: flag,
          codes: count,
          offset: number,
        }),
      ),
      grids: listOf(
        record<Space['grids'][number]>({ name: text, side: count, channels: count, threshold: number, offset: count }),
      ),
      cells: count,
    }),
    rows: count,
    sketch: arrayOf(Uint32Array),
    cells: arrayOf(Uint32Array),
    likeness: record<TrustedItems['likeness']>({ rows: perClass, mean: perClass, deviation: perClass }),
  });
  return (value, at) => {
    whole(value, at);
    assertItems(value as TrustedItems, at);
  };
}

/** Sizes that loops run to and places that counts are kept at. */
function assertItems({ space, sketch, cells }: TrustedItems, at: string): void {
  const slots = sketch.length / 2;
  const isPowerOfTwo = Number.isInteger(slots) && slots > 0 && (slots & (slots - 1)) === 0;
  const fits = space.columns.every(
    ({ codes, values, ends }) => codes > 0 && codes <= 256 && values.length + ends.length < codes + 1,
  );
  const isSquare = space.grids.every(
    ({ side, channels }) => side > 2 && side <= 64 && (channels === 1 || channels === 3),
  );
  if (!isPowerOfTwo || !fits || !isSquare || cells.length !== space.cells || space.cells !== cellsOf(space)) {
    throw new Misshapen(`${at} does not fit itself`);
  }
}

function cellsOf({ columns, grids }: Space): number {
  const hasPairs = (columns[0]?.offset ?? -1) >= 0;
  let pairs = 0;
  if (hasPairs) {
    columns.forEach(({ codes }, index) => {
      for (const other of columns.slice(index + 1)) pairs += codes * other.codes;
    });
  }
  return grids.reduce((sum, grid) => sum + patchCells(grid), pairs);
}
