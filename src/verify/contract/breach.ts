import type { Vector } from 'apache-arrow';
import type { ContractColumn } from '../../schema/index.js';
import { cellReader } from './texts.js';
import type { Constraint, ContractBreach } from './types.js';

const MOST_ROWS = 5;
const MOST_CHARACTERS = 40;

/** Counts the rows that break a constraint and remembers the first. */
export class BreakingRows {
  #count = 0;
  readonly #first: number[] = [];

  readonly add = (row: number): void => {
    this.#count++;
    if (this.#first.length < MOST_ROWS) this.#first.push(row);
  };

  get count(): number {
    return this.#count;
  }

  /** The breach they amount to; undefined where no row breaks it. */
  toBreach(
    column: Vector,
    { name }: ContractColumn,
    constraint: Constraint,
    complaint: string,
  ): ContractBreach | undefined {
    if (this.#count === 0) return undefined;
    const textOf = cellReader(column);
    const firstRows = this.#first.map((row) => ({ row, value: shorten(textOf(row) ?? 'null') }));
    const [first] = firstRows;
    const counted = `${this.#count} of ${column.length} rows ${complaint}`;
    return {
      column: name,
      constraint,
      rows: this.#count,
      firstRows,
      summary: `${counted} (row ${first?.row}: ${first?.value})`,
      withoutCells: `${counted} (first: row ${first?.row})`,
    };
  }
}

/** A breach of the whole column. */
export function wholeBreach(column: string, constraint: Constraint, rows: number, summary: string): ContractBreach {
  return { column, constraint, rows, firstRows: [], summary };
}

export function shorten(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}
