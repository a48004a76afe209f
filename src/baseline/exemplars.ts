import type { Table } from 'apache-arrow';
import { type ColumnRole, type RowContent, showRow, shrinkImage } from '../encode/index.js';
import { type Matrix, selectRows } from '../linear/index.js';

/** Trusted rows kept with their values, to show one beside a row that looks bad. No test looks at them. Plain data. */
export interface Exemplars {
  readonly rows: readonly Exemplar[];
  /** Of each as detectors see it: rows × dims. */
  readonly features: Matrix;
}

export interface Exemplar extends RowContent {
  /** Class index, −1 for none. */
  readonly label: number;
}

/** Enough for a likeness within a class; each costs its features, about 5 kB of text or of pixels. */
export const MOST_EXEMPLARS = 400;
/** Of very wide rows fewer are kept. */
const MOST_CELLS = 100_000;
const LEAST_EXEMPLARS = 20;

interface Choice {
  readonly table: Table;
  readonly columns: readonly ColumnRole[];
  readonly features: Matrix;
  readonly labels: Int32Array;
  /** One row of each group of equal ones, in digest order. */
  readonly distinct: Int32Array;
}

/** Takes turns between the classes, each in digest order. */
export function chooseExemplars({ table, columns, features, labels, distinct }: Choice): Exemplars {
  const most = Math.max(LEAST_EXEMPLARS, Math.min(MOST_EXEMPLARS, Math.floor(MOST_CELLS / columns.length)));
  const taken = new Map<number, number>();
  const turns = Array.from(distinct, (row) => {
    const label = labels[row] as number;
    const turn = taken.get(label) ?? 0;
    taken.set(label, turn + 1);
    return { row, label, turn };
  });
  const chosen = turns.sort((a, b) => a.turn - b.turn).slice(0, most);
  return {
    rows: chosen.map(({ row, label }) => {
      const { values, images } = showRow(table, row, columns);
      return { label, values, images: new Map([...images].map(([name, image]) => [name, shrinkImage(image)])) };
    }),
    features: selectRows(
      features,
      chosen.map(({ row }) => row),
    ),
  };
}
