import type { Table, Vector } from 'apache-arrow';
import { DataType } from 'apache-arrow';
import type { ColumnRole, Contract, ContractColumn, ContractGuess, Role } from '../../schema/index.js';
import { greatestShare } from './binomial.js';
import { contractDigest } from './digest.js';
import { charactersOf } from './length-test.js';
import { isNumber, isTime, numbersOf } from './numbers.js';
import { rangeWithSlack } from './slack.js';
import { cellReader, isText } from './texts.js';
import { showTime } from './times.js';
import { forEachNull } from './validity.js';

/** More values than these are no list that a person would keep. */
const MOST_CATEGORIES = 64;
const MOST_CLASSES = 1000;
/** A value seen once means that others have not been seen at all (Good 1953: about as many cells as there are such). */
const LEAST_REPEATS = 2;
const LEAST_ROWS_PER_CATEGORY = 10;
/** Text may be half as long as the shortest trusted one and twice as long as the longest. */
const LENGTH_SLACK = 2;

/** Roles without which a shard can be judged: trusted rows often have them, batches need not. */
const OPTIONAL_ROLES = new Set<Role>(['source', 'group', 'id', 'ignore']);
const TEXT_ROLES = new Set<Role>(['feature', 'text', 'prompt', 'response']);

type Said = Partial<Omit<ContractColumn, 'name' | 'type' | 'role'>>;

/**
 * A contract that the trusted rows keep, and others of their kind: ranges and lengths have slack, the share of missing
 * cells is an upper confidence bound, values are listed only where few and repeated. It advises until it is edited.
 */
export function inferContract(trusted: Table, columns: readonly ColumnRole[]): Contract {
  const contract: Contract = {
    version: 1,
    columns: columns.map((column) => inferColumn(trusted.getChild(column.name) as Vector, column)),
  };
  return { version: 1, inferred: contractDigest(contract), columns: contract.columns };
}

function inferColumn(column: Vector, { name, type, role, guessed }: ColumnRole): ContractColumn {
  const said = role === 'ignore' ? { optional: true } : sayOf(column, role);
  const guesses = Object.keys(said).filter((key): key is ContractGuess => key !== 'size');
  const allGuessed: ContractGuess[] = [...(guessed ? (['role'] as const) : []), ...guesses];
  return { name, type, role, ...said, ...(allGuessed.length === 0 ? {} : { guessed: allGuessed }) };
}

function sayOf(column: Vector, role: Role): Said {
  const numbers = isNumber(column.type) ? numbersOf(column) : undefined;
  return {
    ...(OPTIONAL_ROLES.has(role) ? { optional: true } : {}),
    ...(column.length === 0 ? {} : { maxNullShare: nullShareOf(column, numbers) }),
    ...(role === 'feature' && numbers !== undefined ? rangeOf(column.type, numbers) : {}),
    ...valuesOf(column, role),
    ...(DataType.isFixedSizeList(column.type) ? { size: column.type.listSize } : {}),
  };
}

function nullShareOf(column: Vector, numbers: Float64Array | undefined): number {
  let missing = 0;
  if (numbers === undefined) {
    forEachNull(column, () => {
      missing++;
    });
  } else {
    for (const value of numbers) if (Number.isNaN(value)) missing++;
  }
  return roundedUp(greatestShare(missing, column.length));
}

/** To two figures, never below. */
function roundedUp(share: number): number {
  const figure = 10 ** (Math.floor(Math.log10(share)) - 1);
  return Math.min(1, Number((Math.ceil(share / figure) * figure).toPrecision(2)));
}

function rangeOf(type: DataType, numbers: Float64Array): Said {
  if (DataType.isBool(type)) return {};
  const range = rangeWithSlack(numbers);
  if (range === undefined || !isTime(type)) return range === undefined ? {} : { range };
  // Time moves on: a batch later than all trusted rows is what one expects.
  const day = showTime(range.min ?? Number.NaN).slice(0, 10);
  return /^\d{4}-/.test(day) ? { range: { min: day } } : {};
}

function valuesOf(column: Vector, role: Role): Said {
  const isListed = role === 'label' || (role === 'feature' && isText(column.type));
  const categories = isListed ? categoriesOf(column, role) : undefined;
  if (categories !== undefined) return { categories };
  return TEXT_ROLES.has(role) && isText(column.type) ? lengthOf(column) : {};
}

function categoriesOf(column: Vector, role: Role): string[] | undefined {
  const most = role === 'label' ? MOST_CLASSES : MOST_CATEGORIES;
  const textOf = cellReader(column);
  const counts = new Map<string, number>();
  let rows = 0;
  for (let row = 0; row < column.length && counts.size <= most; row++) {
    const cell = textOf(row);
    if (cell === null) continue;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    rows++;
  }
  if (counts.size === 0 || counts.size > most) return undefined;
  const isRepeated =
    rows >= LEAST_ROWS_PER_CATEGORY * counts.size && [...counts.values()].every((count) => count >= LEAST_REPEATS);
  return role === 'label' || isRepeated ? [...counts.keys()].sort() : undefined;
}

function lengthOf(column: Vector): Said {
  const textOf = cellReader(column);
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let row = 0; row < column.length; row++) {
    const cell = textOf(row);
    if (cell === null) continue;
    const length = charactersOf(cell);
    min = Math.min(min, length);
    max = Math.max(max, length);
  }
  if (min === Number.POSITIVE_INFINITY) return {};
  return { length: { min: Math.floor(min / LENGTH_SLACK), max: Math.max(1, max * LENGTH_SLACK) } };
}
