import type { RowItems } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import { binomialTails } from './pure-items.js';

/** Two columns and a code of each. */
export interface ValuePair {
  readonly places: readonly [number, number];
  readonly codes: readonly [number, number];
}

/** The pair of values that a cell counts; undefined for a cell of another kind. */
export function pairAt({ columns }: ItemSpace, cell: number): ValuePair | undefined {
  for (const [a, { codes, offset }] of columns.entries()) {
    if (offset < 0) return undefined;
    let at = offset;
    for (let b = a + 1; b < columns.length; b++) {
      const width = columns[b]?.codes ?? 0;
      if (cell >= at && cell < at + codes * width) {
        return { places: [a, b], codes: [Math.floor((cell - at) / width), (cell - at) % width] };
      }
      at += codes * width;
    }
  }
  return undefined;
}

/** How probable so many carriers of the target are, had the pair no more of it than the commoner of its values. */
export function liftChance(
  space: ItemSpace,
  { codes, rows }: RowItems,
  labels: Int32Array,
  classes: number,
): (cell: number, target: number, own: number, carriers: number) => number {
  const width = space.columns.length;
  const most = Math.max(0, ...space.columns.map((column) => column.codes));
  const counts = new Uint32Array(width * most * (classes + 1));
  const placeOf = (place: number, code: number, label: number) => (place * most + code) * (classes + 1) + label;
  for (let row = 0; row < rows; row++) {
    const label = labels[row] as number;
    if (label < 0) continue;
    for (let place = 0; place < width; place++) {
      const code = codes[row * width + place] as number;
      for (const at of [placeOf(place, code, label), placeOf(place, code, classes)]) {
        counts[at] = (counts[at] as number) + 1;
      }
    }
  }
  const tail = binomialTails(rows);
  return (cell, target, own, carriers) => {
    const pair = pairAt(space, cell);
    if (pair === undefined) return 0;
    const shares = pair.places.map((place, side) => {
      const code = pair.codes[side] as number;
      // Without the pair's own carriers, or a value that hardly comes without the other one could show no lift.
      const rest = (counts[placeOf(place, code, classes)] as number) - carriers;
      return ((counts[placeOf(place, code, target)] as number) - own + 1) / (rest + 2);
    });
    return tail(own, carriers, Math.min(0.999, Math.max(...shares)));
  };
}
