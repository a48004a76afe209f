import { closeSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Table, Vector } from 'apache-arrow';
import type { Instruction } from '../detect/index.js';
import { type ColumnRole, readStrings } from '../encode/index.js';
import { CHUNK_ROWS } from '../linear/index.js';
import { orWriteFailed } from '../store/index.js';
import { orMissing } from './scratch-files.js';

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

/** Where they wait until the batch is decided on: one file a shard, a chunk of rows after the other. */
export interface InstructionFiles {
  write(shard: number, instructions: InstructionTable): Promise<void>;
  /** In row order; nothing of a shard that was not written. */
  read(shard: number): AsyncGenerator<readonly Instruction[]>;
}

const LENGTH_BYTES = 4;

/** In a folder of this scan alone. @throws Transient WRITE_FAILED */
export function instructionFiles(folder: string): InstructionFiles {
  const fileOf = (shard: number) => join(folder, `instructions-${shard}`);
  return {
    write: (shard, instructions) => orWriteFailed(folder, async () => writeChunks(fileOf(shard), instructions)),
    read: (shard) => readChunks(fileOf(shard)),
  };
}

function writeChunks(path: string, { prompts, responses, rows }: InstructionTable): void {
  const file = openSync(path, 'w', 0o600);
  try {
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
      writeWhole(file, head);
      writeWhole(file, bytes);
    }
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

async function* readChunks(path: string): AsyncGenerator<readonly Instruction[]> {
  const file = await orMissing(() => open(path, 'r'), undefined);
  if (file === undefined) return;
  try {
    for (;;) {
      const head = await readWhole(file, LENGTH_BYTES);
      if (head === undefined) return;
      const bytes = await readWhole(file, head.readUInt32LE());
      if (bytes !== undefined) yield deserialize(bytes) as readonly Instruction[];
    }
  } finally {
    await file.close();
  }
}

/** Undefined at the end of the file. */
async function readWhole(file: FileHandle, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
  }
  return bytes;
}
