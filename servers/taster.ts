import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The compiled command, from where this is compiled to. */
export const command = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

export interface TasterSurroundings {
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A `taster` command that runs until it is told to stop. */
export interface RunningTaster {
  readonly name: string;
  readonly pid: number;
  /** File of what it says. */
  readonly log: string;
  /** Resolves with its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Has it finish what it does. */
  stop(): Promise<void>;
}

function launch(argv: readonly string[], { cwd, variables }: TasterSurroundings, output: number | 'ignore') {
  const env = { ...process.env, ...variables };
  return spawn(process.execPath, [command, ...argv], { cwd, env, stdio: ['ignore', output, output] });
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Starts a `taster` command; what it says goes to the file `log`. */
export function startTaster(argv: readonly string[], surroundings: TasterSurroundings, log: string): RunningTaster {
  const file = openSync(log, 'a');
  const child = launch(argv, surroundings, file);
  closeSync(file);
  const ended = exitCodeOf(child);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { name: `taster ${argv[0]}`, pid: child.pid ?? -1, log, ended, stop };
}

/** Runs a `taster` command to its end, and fails where it fails. */
export async function runTaster(argv: readonly string[], surroundings: TasterSurroundings): Promise<void> {
  const exitCode = await exitCodeOf(launch(argv, surroundings, 2));
  if (exitCode !== 0) throw new Error(`taster ${argv.join(' ')} ended with ${exitCode ?? 'a signal'}`);
}
