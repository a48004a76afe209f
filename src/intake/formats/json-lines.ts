import type { Table } from 'apache-arrow';
import { assertColumns, assertDecoded, assertRowBytes, assertRows, beyondLimit, type IntakeLimits } from '../limits.js';
import { CELL_BYTES } from './cell-column.js';
import type { Format } from './format.js';
import { type Json, JsonColumn } from './json-column.js';
import { jsonShape } from './json-shape.js';
import { tableOfColumns } from './table-of-columns.js';
import { assertBlankLines, assertUtf8, linesOf } from './text-content.js';

export const jsonLines: Format = {
  name: 'JSON Lines',
  endings: ['jsonl', 'ndjson'],
  recognises: (content) => ['{', '['].includes(firstCharacter(content)),
  parse: async (content, limits) => parseJsonLines(content, limits),
};

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LOOKED_AT_BYTES = 4096;
const ROWS_BETWEEN_CHECKS = 256;

function withoutMark(content: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, index) => content[index] === byte) ? content.subarray(3) : content;
}

function firstCharacter(content: Uint8Array): string {
  const head = withoutMark(content).subarray(0, LOOKED_AT_BYTES);
  return Buffer.from(head).toString('latin1').trimStart().slice(0, 1);
}

/** One pass over the lines; each column gathers its own values, so that no row objects are kept. */
function parseJsonLines(marked: Uint8Array, limits: IntakeLimits): Table {
  if (firstCharacter(marked) === '[')
    throw new Error('it is one JSON array: write each row as an object on its own line');
  const content = withoutMark(marked);
  assertUtf8(content);
  const columns = new Map<string, JsonColumn>();
  let rows = 0;
  let line = 0;
  for (const { start, end } of linesOf(content)) {
    line += 1;
    assertRowBytes(end - start, line, limits);
    const entries = parseLine(content, start, end, line, limits);
    if (entries === undefined) {
      assertBlankLines(line - rows);
      continue;
    }
    for (const [name, value] of entries) {
      const column = columns.get(name) ?? new JsonColumn();
      columns.set(name, column);
      column.fillTo(rows);
      column.append(value);
    }
    rows += 1;
    assertColumns(columns.size, limits);
    if (rows % ROWS_BETWEEN_CHECKS === 0) assertSize(rows, columns, limits);
  }
  assertSize(rows, columns, limits);
  for (const column of columns.values()) column.fillTo(rows);
  return tableOfColumns(
    [...columns.keys()],
    [...columns.values()].map((column) => column.finish()),
  );
}

/** Undefined for a blank line. */
function parseLine(content: Uint8Array, start: number, end: number, line: number, limits: IntakeLimits) {
  const text = Buffer.from(content.buffer, content.byteOffset + start, end - start).toString('utf8');
  if (text.trim() === '') return undefined;
  const { depth, keys } = jsonShape(content, start, end);
  if (depth > limits.nesting + 1) throw beyondLimit(`line ${line} is nested deeper than`, 'nesting', limits);
  const entries = Object.entries(parseObject(text, line));
  if (entries.length !== keys) throw new Error(`line ${line} has one of its keys twice`);
  return entries;
}

function parseObject(text: string, line: number): Readonly<Record<string, Json>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`line ${line} is not one JSON object${placeIn(cause)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`line ${line} is not one JSON object`);
  }
  return value as Readonly<Record<string, Json>>;
}

/** Where the parser stopped; the rest of what it says quotes the line, whose values reports may have to leave out. */
function placeIn(cause: unknown): string {
  const character = cause instanceof Error ? /at position (\d+)/.exec(cause.message)?.[1] : undefined;
  return character === undefined ? '' : `: it breaks off or goes wrong at character ${Number(character) + 1}`;
}

/** Counts the nulls to come as well, so that many keys of few rows each stay within the limit. */
function assertSize(rows: number, columns: ReadonlyMap<string, JsonColumn>, limits: IntakeLimits): void {
  assertRows(rows, limits);
  let bytes = rows * columns.size * CELL_BYTES;
  for (const column of columns.values()) bytes += column.bytes - column.length * CELL_BYTES;
  assertDecoded(bytes, limits);
}
