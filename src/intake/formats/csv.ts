import { isUtf8 } from 'node:buffer';
import { Field, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow';
import { CsvColumn } from './csv-column.js';
import { csvRows } from './csv-rows.js';
import { type Format, startsWith } from './format.js';

export const csv: Format = {
  name: 'CSV',
  recognises: looksLikeCsv,
  parse: async (content) => parseCsv(content),
};

const LOOKED_AT_BYTES = 4096;
/** Text formats that would pass for CSV of one strange column. */
const OTHER_TEXT = ['{', '[', '<', '%PDF'];

function looksLikeCsv(content: Uint8Array): boolean {
  const head = content.subarray(0, LOOKED_AT_BYTES);
  const hasControls = head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  const isBinary = head.includes(0) || (hasControls && !isUtf8(content));
  return !isBinary && !OTHER_TEXT.some((mark) => startsWith(head, mark));
}

/** One pass over the rows; each column gathers its own cells, so that no row objects are kept. */
function parseCsv(content: Uint8Array): Table {
  assertText(content);
  const rows = csvRows(content);
  const { value: header } = rows.next();
  if (!header) throw new Error('it has no header line');
  const columns = header.cells.map(() => new CsvColumn());
  for (const { cells, line } of rows) {
    if (cells.length !== columns.length) {
      throw new Error(`line ${line()} has ${cells.length} cells, but the header has ${columns.length}`);
    }
    for (const [index, column] of columns.entries()) column.append(cells[index] ?? '');
  }
  return toTable(header.cells.map(columnName), columns);
}

/** Written by pandas, which leaves its index column without a name and reads it back as this. */
function columnName(cell: string, index: number): string {
  return cell === '' ? `Unnamed: ${index}` : cell;
}

function toTable(names: readonly string[], columns: readonly CsvColumn[]): Table {
  const children = columns.map((column) => column.finish());
  const schema = new Schema(children.map(({ type }, index) => new Field(names[index] ?? '', type, true)));
  const length = children[0]?.length ?? 0;
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

function assertText(content: Uint8Array): void {
  if (!isUtf8(content)) throw new Error(`line ${firstBadLine(content)} is not valid UTF-8`);
  const zero = content.indexOf(0);
  if (zero >= 0) throw new Error(`byte ${zero} is zero, which no text holds`);
}

function firstBadLine(content: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < content.length; line++) {
    const lineFeed = content.indexOf(0x0a, start);
    const end = lineFeed < 0 ? content.length : lineFeed + 1;
    if (!isUtf8(content.subarray(start, end))) return line;
    start = end;
  }
  return line;
}
