import Papa from 'papaparse';
import { assertRowBytes, type IntakeLimits } from '../limits.js';
import { assertBlankLines } from './text-content.js';

export interface CsvRow {
  readonly cells: readonly string[];
  /** Number of the line on which the row begins, from 1; costs a look at the rows before. */
  readonly line: () => number;
}

interface Piece {
  readonly rows: string[][];
  readonly malformed: { readonly row: number; readonly message: string } | undefined;
  /** Number of the line on which the first row begins. */
  readonly firstLine: number;
}

/** Measured: rows of larger chunks outlive the young generation, which costs twice the time. */
const CHUNK_BYTES = 2 ** 16;
/** Beyond a row of the most bytes no more than this is parsed before its length is told. */
const MOST_CHUNK_BYTES = 8 * 2 ** 20;
const LINE_FEED = 0x0a;

/**
 * The rows of a comma-separated file (RFC 4180) in valid UTF-8, the header first; blank lines are left out.
 * @throws Error that names the line that is wrong
 */
export function* csvRows(content: Uint8Array, limits: IntakeLimits): Generator<CsvRow, undefined> {
  let width: number | undefined;
  let blank = 0;
  for (const { rows, malformed, firstLine } of pieces(content, limits)) {
    const lineOf = (row: number): number =>
      rows.slice(0, row).reduce((line, cells) => line + linesOf(cells), firstLine);
    for (const [index, cells] of rows.entries()) {
      if (index === malformed?.row) break;
      // In a file of one column, a blank line is a row whose cell is empty.
      if (isBlank(cells) && width !== 1) {
        assertBlankLines(++blank);
        continue;
      }
      width ??= cells.length;
      yield { cells, line: () => lineOf(index) };
    }
    if (malformed) throw new Error(`line ${lineOf(malformed.row)}: ${malformed.message}`);
  }
}

/** Whole rows, a chunk at a time: a string may not be as long as a file. */
function* pieces(content: Uint8Array, limits: IntakeLimits): Generator<Piece, undefined> {
  const newline = content.includes(LINE_FEED) ? '\n' : '\r';
  const parser = new Papa.Parser({ delimiter: ',', newline });
  const decoder = new TextDecoder();
  let rest = '';
  let firstLine = 1;
  let chunk = CHUNK_BYTES;
  for (let start = 0; start < content.length; ) {
    const end = Math.min(content.length, start + chunk);
    const isLast = end === content.length;
    const text = rest + decoder.decode(content.subarray(start, end), { stream: !isLast });
    const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(text, 0, !isLast);
    // What follows the last line break is no row.
    if (isLast && text.endsWith(newline)) data.pop();
    for (const cells of data) dropCarriageReturn(cells);
    // An unfinished row is read again with the next chunk, and only then is its quoting judged.
    const error = errors.find(({ row = 0 }) => isLast || row < data.length);
    yield { rows: data, malformed: error && { row: error.row ?? 0, message: error.message }, firstLine };
    const consumed = isLast ? text.length : meta.cursor;
    firstLine += occurrences(text.slice(0, consumed), newline);
    rest = text.slice(consumed);
    assertRowBytes(rest.length, firstLine, limits);
    start = end;
    // Chunks grow while a row does not fit, so that reading it again and again takes little longer.
    chunk = consumed > 0 ? CHUNK_BYTES : Math.min(chunk * 2, MOST_CHUNK_BYTES);
  }
}

/** Files with both kinds of line ends are common; the parser knows only one at a time. */
function dropCarriageReturn(cells: string[]): void {
  const last = cells.at(-1);
  if (last?.endsWith('\r')) cells[cells.length - 1] = last.slice(0, -1);
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0] === '';
}

function linesOf(cells: readonly string[]): number {
  return cells.reduce((lines, cell) => lines + occurrences(cell, '\n'), 1);
}

function occurrences(text: string, mark: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}
