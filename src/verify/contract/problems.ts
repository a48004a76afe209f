import type { ContractColumn, Role } from '../../schema/index.js';
import { parseTime } from './times.js';

const NUMBER_LISTS = /^FixedSizeList\[\d+\]<(Int|Uint|Float)\d/;
const LIST_ROLES = new Set<Role>(['image', 'embedding', 'pred_probs']);
/** A shard without them cannot be judged. */
const NEEDED_ROLES = new Set<Role>([
  'label',
  'feature',
  'text',
  'image',
  'embedding',
  'prompt',
  'response',
  'pred_probs',
]);
const TEXT_ROLES = new Set<Role>(['text', 'prompt', 'response']);

/** A column and its place in the contract: those that break the schema are left out before. */
export interface PlacedColumn {
  readonly index: number;
  readonly column: ContractColumn;
}

/**
 * Everything in a contract that its schema cannot say: columns named twice, two labels, constraints that do not suit
 * the column's type. Each problem with its place and what to do about it.
 */
export function contradictions(columns: readonly PlacedColumn[]): string[] {
  return [
    ...namedTwice(columns),
    ...twoOf('label', columns),
    ...twoOf('pred_probs', columns),
    ...columns.flatMap(({ index, column }) =>
      contradictionsOf(column).map((problem) => `columns[${index}]${problem} (column ${JSON.stringify(column.name)})`),
    ),
  ];
}

function namedTwice(columns: readonly PlacedColumn[]): string[] {
  const first = new Map<string, number>();
  return columns.flatMap(({ index, column: { name } }) => {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    return earlier === undefined
      ? []
      : [`columns[${index}].name is ${JSON.stringify(name)} like columns[${earlier}].name: keep one of them`];
  });
}

function twoOf(role: Role, columns: readonly PlacedColumn[]): string[] {
  const places = columns.flatMap(({ index, column }) => (column.role === role ? [`columns[${index}]`] : []));
  return places.length < 2 ? [] : [`${places.join(' and ')} have the role ${role}: give all but one another role`];
}

/** What a column's cells are, as far as its type tells. */
export function cellsOf(type: string): 'time' | 'number' | 'text' | 'list' | 'other' {
  const cells = /^Dictionary<\w+, (.*)>$/s.exec(type)?.[1];
  if (cells !== undefined) return cellsOf(cells);
  if (/^(Date|Timestamp)/.test(type)) return 'time';
  if (/^((Int|Uint|Float)\d|Bool|Decimal|Time|Duration)/.test(type)) return 'number';
  if (/^(Large)?Utf8/.test(type)) return 'text';
  return /^(FixedSize|Large)?List\b/.test(type) ? 'list' : 'other';
}

function contradictionsOf(column: ContractColumn): string[] {
  const { type, role, optional, range, categories, length, size, classes } = column;
  const cells = cellsOf(type);
  const isList = cells === 'list';
  const problems: (readonly [boolean, string])[] = [
    [optional === true && NEEDED_ROLES.has(role), `.optional does not suit the role ${role}: remove it`],
    [
      LIST_ROLES.has(role) && !NUMBER_LISTS.test(type),
      `.role ${role} needs lists of so many numbers each, such as FixedSizeList[3]<Float32>, but its type is ${type}: correct one of them`,
    ],
    [
      TEXT_ROLES.has(role) && cells !== 'text',
      `.role ${role} needs text, but its type is ${type}: correct one of them`,
    ],
    [
      range !== undefined && cells !== 'number' && cells !== 'time',
      `.range suits numbers and times, not ${type}: remove it`,
    ],
    [categories !== undefined && isList, `.categories suit single values, not ${type}: remove them`],
    [length !== undefined && cells !== 'text', `.length suits text, not ${type}: remove it`],
    [classes !== undefined && role !== 'pred_probs', `.classes suit the role pred_probs, not ${role}: remove them`],
    [
      classes !== undefined && isList && !type.startsWith(`FixedSizeList[${classes.length}]`),
      `.classes are ${classes?.length}, but its type is ${type}: correct one of them`,
    ],
    [size !== undefined && !isList, `.size suits lists, not ${type}: remove it`],
    [(length?.min ?? 0) > (length?.max ?? Number.POSITIVE_INFINITY), '.length.min is above max: exchange them'],
  ];
  return [
    ...problems.filter(([isProblem]) => isProblem).map(([, problem]) => problem),
    ...(cells === 'time' || cells === 'number' ? rangeProblems(range, cells) : []),
  ];
}

function rangeProblems(range: ContractColumn['range'], cells: 'time' | 'number'): string[] {
  const limits = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  const problems: string[] = [];
  for (const end of ['min', 'max'] as const) {
    const limit = range?.[end];
    if (limit === undefined) continue;
    if (cells === 'number' && typeof limit !== 'number') {
      problems.push(`.range.${end} must be a number: write it without quotes`);
    } else {
      limits[end] = typeof limit === 'number' && cells === 'number' ? limit : asTime(limit, end);
      if (Number.isNaN(limits[end])) {
        problems.push(`.range.${end} must be a time such as "2026-01-31" or "2026-01-31T12:00:00Z"`);
      }
    }
  }
  return limits.min > limits.max ? [...problems, '.range.min is above max: exchange them'] : problems;
}

function asTime(limit: number | string, end: 'min' | 'max'): number {
  return typeof limit === 'string' ? parseTime(limit, end === 'min' ? 'first' : 'last') : Number.NaN;
}
