import { closeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Table, Vector } from 'apache-arrow';
import type { Instruction } from '../detect/index.js';
import { type ColumnRole, readStrings } from '../encode/index.js';
import { CHUNK_ROWS } from '../linear/index.js';
import { findPart, openParts, readBytes } from './assessed-file.js';

/** Prompts and responses of a shard's rows, as they are: what is common to them only the whole batch tells. */
export interface InstructionTable {
  readonly prompts: readonly Vector[];
  readonly responses: readonly Vector[];
  readonly rows: number;
}

/** Null where the rows are no instructions: without a prompt or without a response. */
export function instructionsIn(table: Table, columns: readonly ColumnRole[]): InstructionTable | null {
  const ofRole = (wanted: string) =>
    columns.flatMap(({ name, role }) => (role === wanted ? (table.getChild(name) ?? []) : [])) as Vector[];
  const [prompts, responses] = [ofRole('prompt'), ofRole('response')];
  return prompts.length === 0 || responses.length === 0 ? null : { prompts, responses, rows: table.numRows };
}

/** Where they wait until the batch is decided on: a chunk of rows after the other. */
export interface InstructionFiles {
  /** In row order; nothing of a shard that was not written. */
  read(shard: number): AsyncGenerator<readonly Instruction[]>;
}

const LENGTH_BYTES = 4;

/** In a folder of this scan alone. */
export function instructionFiles(folder: string): InstructionFiles {
  return { read: (shard) => readChunks(folder, shard) };
}

/** Instructions as they wait there: one chunk is in memory, after how many bytes it has. */
export function* instructionPieces({ prompts, responses, rows }: InstructionTable): Generator<Uint8Array> {
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const cellsOf = (column: Vector) => readStrings(column.slice(from, from + CHUNK_ROWS));
    const [asked, answered] = [prompts.map(cellsOf), responses.map(cellsOf)];
    const length = Math.min(CHUNK_ROWS, rows - from);
    const chunk = Array.from(
      { length },
      (_, row): Instruction => ({
        prompts: asked.map((cells) => cells[row] ?? ''),
        response: answered.map((cells) => cells[row] ?? '').join('\n'),
      }),
    );
    const bytes = serialize(chunk);
    const head = Buffer.alloc(LENGTH_BYTES);
    head.writeUInt32LE(bytes.length);
    yield head;
    yield bytes;
  }
}

async function* readChunks(folder: string, shard: number): AsyncGenerator<readonly Instruction[]> {
  const file = openParts(folder, shard);
  if (file === undefined) return;
  try {
    const { from, bytes } = findPart(file, 'instructions');
    for (let at = from; at < from + bytes; ) {
      const length = readBytes(file, at, LENGTH_BYTES).readUInt32LE();
      yield deserialize(readBytes(file, at + LENGTH_BYTES, length)) as readonly Instruction[];
      at += LENGTH_BYTES + length;
    }
  } finally {
    closeSync(file);
  }
}
