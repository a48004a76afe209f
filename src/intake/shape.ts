import type { DataType, Table } from 'apache-arrow';
import { assertColumns, assertRows, beyondLimit, type IntakeLimits } from './limits.js';

/** Throws when the table is larger than the limits allow, or two of its columns could not be told apart. */
export function assertShape({ numRows, schema }: Table, limits: IntakeLimits): void {
  assertColumns(schema.fields.length, limits);
  assertRows(numRows, limits);
  const seen = new Set<string>();
  for (const { name, type } of schema.fields) {
    if (seen.has(name)) throw new Error(`two columns are named "${name}": rename one`);
    seen.add(name);
    assertNesting(name, type, limits);
  }
}

function assertNesting(column: string, type: DataType, limits: IntakeLimits, level = 0): void {
  if (level > limits.nesting) throw beyondLimit(`column ${column} is nested deeper than`, 'nesting', limits);
  for (const child of type.children ?? []) assertNesting(column, child.type, limits, level + 1);
}
