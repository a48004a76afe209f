import { createHash } from 'node:crypto';
import type { Table } from 'apache-arrow';
import { type FitOptions, fitBaseline } from '../../src/baseline/index.js';
import { assignRoles, type NamedColumns } from '../../src/encode/index.js';
import { BadInput } from '../../src/errors.js';
import { fileStore, type ObjectStore } from '../../src/store/index.js';
import { CLASSES, type Population } from '../detect/populations.js';
import { strings, tableOf } from '../encode/tables.js';

/** A population as a table with a label column, and with more columns where given. */
export function labelled(
  { table, labels }: Population,
  more: Record<string, (row: number) => string | null> = {},
): Table {
  const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
  const names = Array.from({ length: CLASSES }, (_, label) => `class ${label}`);
  const label = strings(Array.from(labels, (index) => names[index] ?? null));
  const others = Object.entries(more).map(([name, cell]) => [name, strings(Array.from(labels, (_, row) => cell(row)))]);
  return tableOf({ ...columns, label, ...Object.fromEntries(others) });
}

export function fitOn(
  table: Table,
  named: Partial<NamedColumns> = {},
  fileOf = new Int32Array(table.numRows),
  options?: FitOptions,
) {
  const columns = assignRoles(table, { ids: [], ...named }, 'trusted');
  return fitBaseline({ table, fileOf, sha256: 'trusted digest', path: 'trusted' }, columns, options);
}

/** Files in memory: path → content. */
export function storeOf(files: Readonly<Record<string, string | Uint8Array>>): ObjectStore {
  return {
    ...fileStore,
    nameOf: (root) => root,
    list: async () =>
      Object.entries(files).map(([path, content]) => ({ path, uri: path, bytes: Buffer.from(content).length })),
    read: async (uri) => {
      const content = files[uri];
      if (content === undefined) throw new BadInput('PATH_MISSING', { path: uri });
      return Buffer.from(content);
    },
    find: () => Promise.resolve(undefined),
    create: () => Promise.resolve(false),
  };
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
