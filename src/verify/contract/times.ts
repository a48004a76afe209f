const DAY_MS = 86_400_000;
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;
/** Farther from 1970 no calendar of JavaScript reaches. */
const MOST_MS = 8.64e15;

/** Milliseconds since 1970 of ISO 8601 text, UTC where no zone is given; a day counts to its `end`; NaN where it is none. */
export function parseTime(text: string, end: 'first' | 'last'): number {
  const [whole, clock, , , zone] = ISO_8601.exec(text) ?? [];
  if (whole === undefined) return Number.NaN;
  if (clock === undefined) return Date.parse(text) + (end === 'last' ? DAY_MS - 1 : 0);
  return Date.parse(zone === undefined ? `${text}Z` : text);
}

/** As ISO 8601, midnight left out. */
export function showTime(milliseconds: number): string {
  if (!(Math.abs(milliseconds) <= MOST_MS)) return String(milliseconds);
  return new Date(milliseconds).toISOString().replace('T00:00:00.000Z', '');
}
