import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/schema/index.js';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Makes it the leader of a process group that its children belong to. */
  readonly detached?: boolean;
  /** A program with its options that starts the command. */
  readonly by?: readonly string[];
  /** Where output goes: read by default, else a file descriptor. */
  readonly stdout?: 'pipe' | 'ignore' | number;
}

/** Starts the compiled command. */
export function start(
  argv: readonly string[],
  { env = {}, by = [], stdout = 'ignore', ...options }: Surroundings = {},
): ChildProcess {
  const [program = '', ...rest] = [...by, process.execPath, command, ...argv];
  return spawn(program, rest, { ...options, env: { ...process.env, ...env }, stdio: ['ignore', stdout, 'pipe'] });
}

/** Exit code, as a shell tells it, and what was said on stderr, once everything is closed. */
export async function outcomeOf(child: ChildProcess): Promise<{ exitCode: number; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += String(text);
  });
  const exitCode = await new Promise<number>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])),
  );
  return { exitCode, stderr };
}

/** Runs the compiled command to its end. */
export async function run(argv: readonly string[], surroundings: Surroundings = {}) {
  const child = start(argv, { stdout: 'pipe', ...surroundings });
  let stdout = '';
  child.stdout?.on('data', (text) => {
    stdout += String(text);
  });
  return { ...(await outcomeOf(child)), stdout };
}

/** Scans into the folder `out` and reads the report. */
export async function scanTo(out: string, argv: readonly string[], surroundings: Surroundings = {}) {
  const outcome = await run(['scan', ...argv, '--out', out], surroundings);
  if (!existsSync(join(out, 'report.json'))) throw new Error(`no report: ${JSON.stringify(outcome)}`);
  return { ...outcome, report: readReport(out) };
}

export function readReport(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
}
