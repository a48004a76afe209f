import { isUtf8 } from 'node:buffer';
import type { Table } from 'apache-arrow';
import { assertColumns, assertDecoded, assertRows, type IntakeLimits } from '../limits.js';
import { CellColumn } from './cell-column.js';
import { csvRows } from './csv-rows.js';
import { type Format, startsWith } from './format.js';
import { tableOfColumns } from './table-of-columns.js';
import { assertUtf8 } from './text-content.js';

export const csv: Format = {
  name: 'CSV',
  endings: ['csv'],
  recognises: looksLikeCsv,
  parse: async (content, limits) => parseCsv(content, limits),
};

const LOOKED_AT_BYTES = 4096;
/** Text formats that would pass for CSV of one strange column. */
const OTHER_TEXT = ['{', '[', '<', '%PDF'];
const ROWS_BETWEEN_CHECKS = 256;

function looksLikeCsv(content: Uint8Array): boolean {
  const head = content.subarray(0, LOOKED_AT_BYTES);
  const hasControls = head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  const isBinary = head.includes(0) || (hasControls && !isUtf8(content));
  return !isBinary && !OTHER_TEXT.some((mark) => startsWith(head, mark));
}

/** One pass over the rows; each column gathers its own cells, so that no row objects are kept. */
function parseCsv(content: Uint8Array, limits: IntakeLimits): Table {
  assertText(content);
  const rows = csvRows(content, limits);
  const { value: header } = rows.next();
  if (!header) throw new Error('it has no header line');
  assertColumns(header.cells.length, limits);
  const columns = header.cells.map(() => new CellColumn());
  let count = 0;
  for (const { cells, line } of rows) {
    if (cells.length !== columns.length) {
      throw new Error(`line ${line()} has ${cells.length} cells, but the header has ${columns.length}`);
    }
    for (const [index, column] of columns.entries()) column.append(cells[index] ?? '');
    count += 1;
    if (count % ROWS_BETWEEN_CHECKS === 0) assertSize(count, columns, limits);
  }
  assertSize(count, columns, limits);
  return tableOfColumns(
    header.cells.map(columnName),
    columns.map((column) => column.finish()),
  );
}

function assertSize(rows: number, columns: readonly CellColumn[], limits: IntakeLimits): void {
  assertRows(rows, limits);
  assertDecoded(
    columns.reduce((sum, { bytes }) => sum + bytes, 0),
    limits,
  );
}

/** Written by pandas, which leaves its index column without a name and reads it back as this. */
function columnName(cell: string, index: number): string {
  return cell === '' ? `Unnamed: ${index}` : cell;
}

function assertText(content: Uint8Array): void {
  assertUtf8(content);
  const zero = content.indexOf(0);
  if (zero >= 0) throw new Error(`byte ${zero} is zero, which no text holds`);
}
