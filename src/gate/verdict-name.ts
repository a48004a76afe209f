/** Where a verdict lies beside the shards it speaks of. */
export const VERDICT_NAME = 'verdict.json';

/** Beside the released shards of a batch: the first, and those that follow reviews; names that begin so are never data. */
export function verdictName(number: number): string {
  return number === 1 ? VERDICT_NAME : `_verdict-${number}.json`;
}
