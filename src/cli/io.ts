import type { Variables } from '../config/index.js';
import type { scan } from '../pipeline.js';

/** The part of a stream that a command writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The surroundings of a command; tests hand in their own. */
export interface CliIo {
  /** Environment variables; the process's own when left out. */
  readonly variables?: Variables;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly scan: typeof scan;
}

/** Only `released` lets training start. */
export const exitCodes = { released: 0, held: 1, notJudged: 2, infrastructure: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
