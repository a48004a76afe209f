import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Makes it the leader of a process group that its children belong to. */
  readonly detached?: boolean;
}

/** Starts the compiled command. */
export function start(argv: readonly string[], { env = {}, ...options }: Surroundings = {}): ChildProcess {
  return spawn(process.execPath, [command, ...argv], {
    ...options,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Exit code and what was said on stderr, once everything is closed. */
export async function outcomeOf(child: ChildProcess): Promise<{ exitCode: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += String(text);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stderr };
}

/** Runs the compiled command to its end. */
export async function run(argv: readonly string[], { env = {}, ...options }: Surroundings = {}) {
  const child = spawn(process.execPath, [command, ...argv], {
    ...options,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += String(text);
  });
  return { ...(await outcomeOf(child)), stdout };
}
