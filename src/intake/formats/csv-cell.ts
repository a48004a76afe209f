/** What a CSV column may hold besides text; a cell that is no empty one fits at most one of them. */
export type CellKind = 'bool' | 'number' | 'timestamp';

const readers: Readonly<Record<CellKind, (cell: string) => number | undefined>> = {
  bool: readBool,
  number: readNumber,
  timestamp: readTimestamp,
};

/** How R, SQL dumps and Python write a missing value; missing only in a column that is otherwise not text. */
const MISSING = new Set(['NA', 'N/A', 'n/a', 'NULL', 'null', 'None']);

export function isMissingMark(cell: string): boolean {
  return cell.length <= 4 && MISSING.has(cell);
}

/** The first kind that the cell fits, undefined for text. */
export function kindOf(cell: string): CellKind | undefined {
  return (['number', 'bool', 'timestamp'] as const).find((kind) => readCell(cell, kind) !== undefined);
}

/** The cell as a number (bool: 0 or 1; timestamp: milliseconds since 1970, UTC); undefined where it is not of the kind. */
export function readCell(cell: string, kind: CellKind): number | undefined {
  return readers[kind](cell.trim());
}

function readBool(cell: string): number | undefined {
  if (cell.length < 4 || cell.length > 5) return undefined;
  const word = cell.toLowerCase();
  if (word === 'true') return 1;
  return word === 'false' ? 0 : undefined;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Zeros that arithmetic would lose: postcodes, article numbers. */
const ZERO_PADDED = /^[+-]?0\d/;
const WHOLE = /^[+-]?\d+$/;
const DIGITS_ALWAYS_EXACT = 15;
const NAMED_NUMBER = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

function readNumber(cell: string): number | undefined {
  if (DECIMAL.test(cell)) {
    if (ZERO_PADDED.test(cell)) return undefined;
    const value = Number(cell);
    // Beyond 2^53 neighbouring whole numbers, such as ids, would become equal.
    const isExact = cell.length <= DIGITS_ALWAYS_EXACT || Number.isSafeInteger(value) || !WHOLE.test(cell);
    return isExact ? value : undefined;
  }
  const named = NAMED_NUMBER.exec(cell);
  if (!named) return undefined;
  if (named[2]) return Number.NaN;
  return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?([0-5]\d))?)?$/i;
const MINUTE_MS = 60_000;

/** Without a zone, UTC; digits below the millisecond are dropped. */
function readTimestamp(cell: string): number | undefined {
  const parts = ISO_8601.exec(cell);
  if (!parts) return undefined;
  const part = (index: number): number => Number(parts[index] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  // A day or month that does not exist has rolled over into another.
  if (date.getUTCDate() !== part(3) || date.getUTCMonth() !== part(2) - 1) return undefined;
  const milliseconds = Math.trunc(Number(`0.${parts[7] ?? 0}`) * 1000);
  const offsetMinutes = (part(9) * 60 + part(10)) * (parts[8] === '-' ? -1 : 1);
  return date.setUTCHours(part(4), part(5), part(6), milliseconds) - offsetMinutes * MINUTE_MS;
}
