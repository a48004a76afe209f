import { type DataType, DataType as Type, type Vector } from 'apache-arrow';
import type { ContractColumn } from '../../schema/index.js';
import { areBeyond } from './binomial.js';
import { BreakingRows } from './breach.js';
import { categoryTest } from './category-set.js';
import { lengthTest } from './length-test.js';
import { cellType, isNumber, isTime, numbersOf } from './numbers.js';
import { forEachFailing } from './texts.js';
import { parseTime } from './times.js';
import type { ContractBreach } from './types.js';
import { forEachNull } from './validity.js';

/** A column under check; `numbers` are read once for all constraints, undefined for other columns. */
export interface CheckedColumn {
  readonly column: Vector;
  readonly numbers: Float64Array | undefined;
}

export function checkedColumn(column: Vector): CheckedColumn {
  return { column, numbers: isNumber(column.type) ? numbersOf(column) : undefined };
}

export function checkNulls({ column, numbers }: CheckedColumn, rule: ContractColumn): ContractBreach | undefined {
  const { maxNullShare: most, guessed = [] } = rule;
  if (most === undefined) return undefined;
  const rows = new BreakingRows();
  if (numbers === undefined) forEachNull(column, rows.add);
  else for (let row = 0; row < numbers.length; row++) if (Number.isNaN(numbers[row])) rows.add(row);
  if (rows.count <= most * column.length * (1 + Number.EPSILON)) return undefined;
  const isChance = guessed.includes('maxNullShare') && !areBeyond(rows.count, column.length, most);
  return isChance
    ? undefined
    : rows.toBreach(column, rule, 'maxNullShare', `have no value, the contract allows a share of ${most}`);
}

export function checkRange({ column, numbers }: CheckedColumn, rule: ContractColumn): ContractBreach | undefined {
  if (rule.range === undefined || numbers === undefined) return undefined;
  const { min, max } = rule.range;
  const least = limitOf(min, 'first') ?? Number.NEGATIVE_INFINITY;
  const most = limitOf(max, 'last') ?? Number.POSITIVE_INFINITY;
  const rows = new BreakingRows();
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row] as number;
    if (value < least || value > most) rows.add(row);
  }
  return rows.toBreach(column, rule, 'range', `are ${outside(min, max)}`);
}

function limitOf(limit: number | string | undefined, end: 'first' | 'last'): number | undefined {
  return typeof limit === 'string' ? parseTime(limit, end) : limit;
}

function outside(min: number | string | undefined, max: number | string | undefined): string {
  if (max === undefined) return `below ${min}`;
  return min === undefined ? `above ${max}` : `outside ${min} to ${max}`;
}

export function checkCategories({ column, numbers }: CheckedColumn, rule: ContractColumn): ContractBreach | undefined {
  if (rule.categories === undefined || Type.isNull(column.type)) return undefined;
  const categories = rule.categories.map(String);
  const rows = new BreakingRows();
  if (numbers === undefined || isTime(column.type)) forEachFailing(column, categoryTest(categories), rows.add);
  else forEachOther(numbers, numbersAmong(categories, column.type), rows.add);
  return rows.toBreach(column, rule, 'categories', 'have a value that is not among its categories');
}

/** The categories that a number can be, as it would be written. */
function numbersAmong(categories: readonly string[], type: DataType): ReadonlySet<number> {
  const isBool = Type.isBool(cellType(type));
  const values = categories.map((text) => {
    if (isBool) return text === 'true' ? 1 : text === 'false' ? 0 : Number.NaN;
    return String(Number(text)) === text ? Number(text) : Number.NaN;
  });
  return new Set(values.filter((value) => !Number.isNaN(value)));
}

function forEachOther(numbers: Float64Array, known: ReadonlySet<number>, visit: (row: number) => void): void {
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row] as number;
    if (!known.has(value) && !Number.isNaN(value)) visit(row);
  }
}

export function checkLength({ column }: CheckedColumn, rule: ContractColumn): ContractBreach | undefined {
  if (rule.length === undefined || Type.isNull(column.type)) return undefined;
  const { min, max } = rule.length;
  const rows = new BreakingRows();
  forEachFailing(column, lengthTest(min ?? 0, max ?? Number.POSITIVE_INFINITY), rows.add);
  return rows.toBreach(column, rule, 'length', `have a length ${outside(min, max)} characters`);
}

export function checkSize({ column }: CheckedColumn, rule: ContractColumn): ContractBreach | undefined {
  if (rule.size === undefined || Type.isNull(column.type)) return undefined;
  const rows = new BreakingRows();
  let first = 0;
  for (const data of column.data) {
    const { type, valueOffsets: offsets } = data;
    for (let i = 0; i < data.length; i++) {
      const size = Type.isFixedSizeList(type)
        ? type.listSize
        : Type.isList(type) || Type.isLargeList(type)
          ? Number(offsets[i + 1]) - Number(offsets[i])
          : undefined;
      if (size !== rule.size && data.getValid(i)) rows.add(first + i);
    }
    first += data.length;
  }
  return rows.toBreach(column, rule, 'size', `are not lists of ${rule.size} items`);
}
