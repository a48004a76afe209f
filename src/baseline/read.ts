import { createHash } from 'node:crypto';
import type { Table } from 'apache-arrow';
import { fixLists } from '../encode/index.js';
import { BadInput } from '../errors.js';
import { locateShards, parseShard, pinShard } from '../intake/index.js';
import type { Models } from '../model/index.js';
import type { ModelUsed } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { joinTables } from './join-tables.js';
import type { TrustedTable } from './types.js';

/**
 * Reads every file of trusted rows, with a column more for each model; nothing is left out in silence.
 * @throws BadInput when any file cannot be read or lacks a column of the first.
 */
export async function readTrusted(
  store: ObjectStore,
  roots: string | readonly string[],
  models?: Models,
): Promise<TrustedTable> {
  const path = [roots].flat().join(', ');
  const files = await locateShards(store, [roots].flat());
  const digest = createHash('sha256');
  const tables: Table[] = [];
  for (const file of files) {
    const pinned = await pinShard(store, file);
    digest.update(`${pinned.sha256}\n`);
    // What the first file has of lists, the others are to have.
    tables.push(fixLists(await parseShard(pinned), columnTypes(tables[0])));
  }
  const names = tables[0]?.schema.fields.map(({ name }) => name) ?? [];
  tables.forEach((table, index) => {
    const own = new Set(table.schema.fields.map(({ name }) => name));
    const missing = names.find((name) => !own.has(name));
    if (missing !== undefined) {
      throw new BadInput('BASELINE_UNUSABLE', {
        path,
        detail: `${files[index]?.path} has no column ${missing}, which ${files[0]?.path} has`,
        remedy: 'Give all trusted files the same columns.',
      });
    }
  });
  const fileOf = Int32Array.from(tables.flatMap((table, index) => new Array<number>(table.numRows).fill(index)));
  const seen = await withOutputs(joinTables(tables), models, `the trusted rows (${path})`);
  return { ...seen, fileOf, sha256: digest.digest('hex'), path };
}

/**
 * The table with a column more for each model; `rows` says for messages what it holds.
 * @throws BadInput MODEL_UNUSABLE, also where it lacks a model's inputs; MODEL_CHANGED
 */
export async function withOutputs(
  table: Table,
  models: Models | undefined,
  rows: string,
): Promise<{ readonly table: Table; readonly models: readonly ModelUsed[] }> {
  if (models === undefined) return { table, models: [] };
  const seen = await models.apply(table);
  requireOutputs(seen, models, rows);
  return { table: seen, models: models.pins.map(({ name, sha256 }) => ({ name, sha256 })) };
}

function columnTypes(table: Table | undefined) {
  return table?.schema.fields.map(({ name, type }) => ({ name, type: String(type) }));
}

function requireOutputs(table: Table, models: Models, rows: string): void {
  const missing = models.pins.find((model) => table.getChild(model.name) === null);
  if (missing === undefined) return;
  throw new BadInput('MODEL_UNUSABLE', {
    name: missing.name,
    detail: `${rows} do not have its inputs as numbers or a list of numbers: ${missing.inputs.join(', ')}`,
    remedy: 'Correct `inputs` in the contract.',
  });
}
