/** One thing that must hold. */
export interface Check {
  readonly name: string;
  /** Rejects with an error that says what does not hold. */
  readonly run: () => Promise<void>;
}

export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [was, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (was === wanted) return;
  throw new Error(`${what} is ${was?.slice(0, 200)}, not ${wanted?.slice(0, 200)}`);
}
