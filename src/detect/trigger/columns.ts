import type { Table, Vector } from 'apache-arrow';
import { isNumeric, readCodes, readNumbers } from '../../encode/index.js';
import { upperBound } from '../../linear/index.js';

/** How the cells of a column become few codes; the last code is for what is missing, or was not among trusted rows. */
export interface CodedColumn {
  readonly name: string;
  /** Trusted values, each with a code of its own; empty where numbers are binned. */
  readonly values: readonly string[];
  /** Upper ends of the bins of numbers, ascending, each bin but the last below its end. */
  readonly ends: Float64Array;
  /** True where a cell's own value is looked at as a number. */
  readonly isNumber: boolean;
  readonly codes: number;
  /** Where the pairs with later columns begin in the table of cells; −1 where none are counted. */
  readonly offset: number;
}

/** Tables of pairs take at most so many cells. */
const MOST_PAIR_CELLS = 2 ** 21;
const MOST_CODES = 128;
const LEAST_CODES = 8;
/** Beyond so many columns a row has more items than can be kept of it. */
const MOST_COLUMNS = 256;

/** How many codes a column may have, so that the pairs of all of them fit their table; 0: no pairs. */
export function codesFor(columns: number): number {
  const pairs = (columns * (columns - 1)) / 2;
  const codes = Math.min(MOST_CODES, Math.floor(Math.sqrt(MOST_PAIR_CELLS / Math.max(1, pairs))));
  return codes < LEAST_CODES ? 0 : codes;
}

export function fitColumns(trusted: Table, names: readonly string[], codes: number): CodedColumn[] {
  const fitted = names.slice(0, MOST_COLUMNS).map((name) => fitColumn(name, trusted.getChild(name) as Vector, codes));
  let offset = 0;
  return fitted.map((column, index) => {
    const own = codes === 0 ? -1 : offset;
    offset += column.codes * sumCodes(fitted.slice(index + 1));
    return { ...column, offset: own };
  });
}

export function pairCells(columns: readonly CodedColumn[]): number {
  if ((columns[0]?.offset ?? -1) < 0) return 0;
  return columns.reduce((sum, column, index) => sum + column.codes * sumCodes(columns.slice(index + 1)), 0);
}

function sumCodes(columns: readonly Pick<CodedColumn, 'codes'>[]): number {
  return columns.reduce((sum, { codes }) => sum + codes, 0);
}

function fitColumn(name: string, column: Vector, codes: number): Omit<CodedColumn, 'offset'> {
  const isNumber = isNumeric(column.type);
  const counts = new Map<string, number>();
  const own = readCodes(column);
  for (const code of own.codes) {
    const value = own.values[code];
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const most = Math.max(1, codes - 1);
  if (isNumber && counts.size > most) {
    const ends = quantiles(readNumbers(column), most);
    return { name, values: [], ends, isNumber, codes: ends.length + 2 };
  }
  const values = [...counts]
    .sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([value]) => value);
  return { name, values, ends: new Float64Array(0), isNumber, codes: values.length + 1 };
}

/** Ends of at most `bins` bins of about as many rows each; a value that fills several has one of its own. */
function quantiles(numbers: Float64Array, bins: number): Float64Array {
  const sorted = numbers.filter((value) => !Number.isNaN(value)).sort();
  const ends = new Set<number>();
  for (let bin = 1; bin < bins; bin++) ends.add(sorted[Math.floor((bin * sorted.length) / bins)] ?? 0);
  return Float64Array.from(ends).sort();
}

/** Row → code of its cell, written at `codes[row × width + place]`. */
export function codeCells(column: CodedColumn, cells: Vector, into: Uint8Array, width: number, place: number): void {
  if (column.values.length === 0 && column.isNumber) {
    const numbers = readNumbers(cells);
    const binOf = binFinder(column);
    for (let row = 0, at = place; row < numbers.length; row++, at += width) into[at] = binOf(numbers[row] as number);
    return;
  }
  const codeOf = new Map(column.values.map((value, code) => [value, code]));
  const { values, codes } = readCodes(cells);
  const translated = Uint8Array.from(values, (value) => codeOf.get(value) ?? column.codes - 1);
  for (let row = 0, at = place; row < codes.length; row++, at += width) {
    const code = codes[row] as number;
    into[at] = code < 0 ? column.codes - 1 : (translated[code] as number);
  }
}

/** Even steps between the first and the last end: in each of them lie few ends or none. */
const STEPS = 1024;

/** Number → its bin: how many of the ends are no greater; the last code for NaN. */
function binFinder({ ends, codes }: CodedColumn): (value: number) => number {
  const [least, greatest] = [ends[0] ?? 0, ends.at(-1) ?? 0];
  const perUnit = Number.isFinite(greatest - least) && greatest > least ? STEPS / (greatest - least) : 0;
  const binsBefore = new Uint8Array(STEPS + 1);
  for (let step = 0, bin = 0; step <= STEPS; step++) {
    while (bin < ends.length && ((ends[bin] as number) - least) * perUnit < step) bin++;
    binsBefore[step] = bin;
  }
  return (value) => {
    if (Number.isNaN(value)) return codes - 1;
    const isBetween = perUnit > 0 && value >= least && value < greatest;
    const step = isBetween ? Math.floor((value - least) * perUnit) : 0;
    const low = isBetween ? (binsBefore[step] as number) : 0;
    const high = isBetween && step < STEPS ? (binsBefore[step + 1] as number) : ends.length;
    return upperBound(ends, value, low, high);
  };
}
