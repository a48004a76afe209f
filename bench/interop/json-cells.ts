import type { Cell } from './arrow-cells.js';

/** The JSON integration format of Arrow. Source: arrow.apache.org/docs/format/Integration.html. */
export interface IntegrationFile {
  readonly schema: { readonly fields: readonly JsonField[] };
  readonly dictionaries?: readonly { readonly id: number; readonly data: JsonBatch }[];
  readonly batches: readonly JsonBatch[];
}

export interface JsonBatch {
  readonly count: number;
  readonly columns: readonly JsonColumn[];
}

interface JsonField {
  readonly name: string;
  readonly type: { readonly name: string; readonly precision?: string | number; readonly listSize?: number };
  readonly children: readonly JsonField[];
  readonly dictionary?: { readonly id: number };
}

interface JsonColumn {
  readonly count: number;
  readonly VALIDITY?: readonly number[];
  readonly DATA?: readonly Cell[];
  readonly OFFSET?: readonly (number | string)[];
  readonly children?: readonly JsonColumn[];
}

type Dictionaries = ReadonlyMap<number, readonly Cell[]>;

/** The cells of each column, over all batches. */
export function jsonCells(file: IntegrationFile): Cell[][] {
  const dictionaries = readDictionaries(file);
  return file.schema.fields.map((field, index) =>
    file.batches.flatMap(({ columns }) => cellsOf(field, columns[index], dictionaries)),
  );
}

/** A dictionary may hold indices into one that comes later in the file. */
function readDictionaries({ schema, dictionaries = [] }: IntegrationFile): Dictionaries {
  const read = new Map<number, readonly Cell[]>();
  const readFields = (fields: readonly JsonField[]): void => {
    for (const field of fields) {
      readFields(field.children);
      const id = field.dictionary?.id;
      const batch = dictionaries.find((one) => one.id === id);
      if (id === undefined || !batch) continue;
      const { dictionary: _, ...values } = field;
      read.set(id, cellsOf(values, batch.data.columns[0], read));
    }
  };
  readFields(schema.fields);
  return read;
}

function cellsOf(field: JsonField, column: JsonColumn | undefined, dictionaries: Dictionaries): Cell[] {
  if (!column) return [];
  const read = readerOf(field, column, dictionaries);
  return Array.from({ length: column.count }, (_, row) => (column.VALIDITY?.[row] === 0 ? null : read(row)));
}

function readerOf(field: JsonField, column: JsonColumn, dictionaries: Dictionaries): (row: number) => Cell {
  const { type, children } = field;
  const data = column.DATA ?? [];
  if (field.dictionary) {
    const entries = dictionaries.get(field.dictionary.id) ?? [];
    return (row) => entries[Number(data[row])] ?? null;
  }
  const named = type.name === 'map' ? children.map(asEntries) : children;
  const parts = named.map((child, index) => cellsOf(child, column.children?.[index], dictionaries));
  const items = parts[0] ?? [];
  const { OFFSET: offsets = [] } = column;
  switch (type.name) {
    case 'null':
      return () => null;
    case 'struct':
      return (row) => Object.fromEntries(children.map(({ name }, index) => [name, parts[index]?.[row] ?? null]));
    case 'fixedsizelist':
      return (row) => items.slice(row * (type.listSize ?? 0), (row + 1) * (type.listSize ?? 0));
    case 'list':
    case 'largelist':
    case 'map':
      return (row) => items.slice(Number(offsets[row]), Number(offsets[row + 1]));
    case 'floatingpoint':
      return (row) => (type.precision === 'SINGLE' ? Math.fround(Number(data[row])) : (data[row] ?? null));
    default:
      return (row) => asText(data[row] ?? null);
  }
}

/** Writers may name the parts of a map as they like; readers go by their place. */
function asEntries(field: JsonField): JsonField {
  return {
    ...field,
    children: field.children.map((child, index) => ({ ...child, name: index === 0 ? 'key' : 'value' })),
  };
}

/** Whole numbers are numbers up to 32 bits there, and text above. */
function asText(cell: Cell): Cell {
  return typeof cell === 'number' ? String(cell) : cell;
}
