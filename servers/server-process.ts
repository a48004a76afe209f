import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of this process alone, on loopback. */
export interface ServerProcess {
  readonly port: number;
  /** Of the process that runs now. */
  pid(): number;
  readonly folder: string;
  /** Ends it at once, as a crash does: its folder stays. */
  kill(): Promise<void>;
  /** Starts it again after a kill, on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Keeps a Ctrl-C in the terminal from ending it before those who use it. */
  readonly outlivesInterrupt?: boolean;
}

interface Recipe extends ServerOptions {
  readonly name: string;
  readonly program: string;
  readonly parameters: (port: number, folder: string) => readonly string[];
  /** What its folder holds before it starts. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** True once it answers. */
  readonly isReady: (port: number) => Promise<boolean>;
}

const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** A port of the loopback device that nobody listens at. */
export async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function launch({ name, program, parameters, isReady, outlivesInterrupt }: Recipe, port: number, folder: string) {
  const detached = outlivesInterrupt === true;
  const child = spawn(program, [...parameters(port, folder)], { stdio: ['ignore', 'pipe', 'pipe'], detached });
  let said = '';
  let problem: Error | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
  child.once('error', (error) => (problem = error));
  process.once('exit', () => child.kill('SIGKILL'));
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(port))) {
    if (problem !== undefined || hasEnded(child) || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start on port ${port}: ${problem?.message ?? said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return child;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Starts a server on a free port with a folder of its own; it ends with this process. */
export async function startServer(recipe: Recipe): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `taster-${recipe.name}-`));
  await recipe.prepare?.(folder);
  const port = await freePort();
  let child = await launch(recipe, port, folder);
  return {
    port,
    pid: () => child.pid ?? -1,
    folder,
    kill: () => end(child),
    restart: async () => {
      await end(child);
      child = await launch(recipe, port, folder);
    },
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
