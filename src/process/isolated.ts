import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pidusage from 'pidusage';
import { type Failure, recreateError } from './failure.js';
import { TENSORFLOW_ENVIRONMENT } from './tensorflow-environment.js';

/** What a process may take before it is killed: what it works on is not to be trusted. */
export interface ProcessLimits {
  /** Most processor time without a sign of life; CLOCK_FACTOR times as long by the clock. */
  readonly seconds: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/** How a process ended over a request. */
export type Death = 'died' | 'took too long' | 'took too much memory';

/** How long a part of the work took. */
export interface Spent {
  readonly part: string;
  readonly seconds: number;
}

/** `alive` comes between parts of the work; errors travel as data: a process that ends without a reply has died. */
export type Reply<Result> =
  | { readonly alive: true; readonly spent?: Spent }
  | { readonly result: Result }
  | { readonly failure: Failure };

/** A process of its own, without our environment, that answers one request at a time. */
export interface Isolated {
  /** Its result, or how the process ended over the request. @throws what was thrown there */
  ask<Result extends object | null>(
    request: object,
    limits: ProcessLimits,
    onSpent?: (spent: Spent) => void,
  ): Promise<Result | Death>;
  stop(): Promise<void>;
  /** For the moment in which this process exits: nothing can be awaited then. */
  kill(): void;
}

const WATCH_MS = 100;
/** A process that others keep waiting is not at fault, and one that waits for nothing has to end as well. */
export const CLOCK_FACTOR = 5;

/** Starts the file as a process. */
export function startIsolated(entry: URL): Isolated {
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    // Nothing of our own environment: what parses hostile bytes has no business with credentials.
    env: TENSORFLOW_ENVIRONMENT,
    // There are as many as there are cores, so threads that look for garbage beside them take from the others: and tables come
    // and go by the megabyte, which has V8 look through everything again and again: more than a fourth of what a scan takes.
    execArgv: ['--single-threaded-gc'],
    // Where a parser kills its process, the platform prints a stack trace of its own: how it ended is told in our words.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A terminal's Ctrl-C is for the parent, which ends its children itself.
    detached: true,
  });
  const exited = once(child, 'exit');
  return {
    ask: (request, limits, onSpent) => ask(child, request, limits, onSpent),
    stop: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Sends a request and waits for its reply; a child that breaks a limit meanwhile is killed. */
async function ask<Result extends object | null>(
  child: ChildProcess,
  request: object,
  limits: ProcessLimits,
  onSpent?: (spent: Spent) => void,
): Promise<Result | Death> {
  if (!child.connected) return 'died';
  const watch = watchLimits(child, limits);
  try {
    return await new Promise((resolve, reject) => {
      const onMessage = (reply: Reply<Result>) => {
        if ('alive' in reply) {
          watch.onSign();
          if (reply.spent !== undefined) onSpent?.(reply.spent);
          return;
        }
        child.off('exit', onExit);
        child.off('message', onMessage);
        if ('failure' in reply) reject(recreateError(reply.failure));
        else resolve(reply.result);
      };
      const onExit = () => {
        child.off('message', onMessage);
        resolve(watch.verdict() ?? 'died');
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      child.send(request, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    });
  } finally {
    watch.stop();
  }
}

/** The time since a sign of life. */
interface Silence {
  readonly sinceMs: number;
  /** Processor time that the process had taken by then; undefined where nothing tells it. */
  readonly spentMs: number | undefined;
}

function watchLimits(child: ChildProcess, { seconds, memoryBytes }: ProcessLimits) {
  let verdict: Death | undefined;
  let spentMs: number | undefined;
  let silence: Silence = { sinceMs: performance.now(), spentMs };
  let isOver = false;
  const end = (why: Death) => {
    verdict ??= why;
    child.kill('SIGKILL');
  };
  const watch = setInterval(async () => {
    // The process may be gone by the time it is looked at.
    const usage = await pidusage(child.pid ?? -1).catch(() => undefined);
    // Meanwhile it may have answered, and be at other work.
    if (isOver) return;
    spentMs = usage?.ctime;
    silence = { ...silence, spentMs: silence.spentMs ?? spentMs };
    if (usage !== undefined && usage.memory > memoryBytes) end('took too much memory');
    if (isTooLong(silence, spentMs, seconds * 1000)) end('took too long');
  }, WATCH_MS);
  return {
    onSign: () => {
      silence = { sinceMs: performance.now(), spentMs };
    },
    verdict: () => verdict,
    stop: () => {
      isOver = true;
      clearInterval(watch);
    },
  };
}

/** Threads of a process count together: what they take at the same moment is no longer than that by the clock. */
function isTooLong({ sinceMs, spentMs: before }: Silence, spentMs: number | undefined, mostMs: number): boolean {
  const waitedMs = performance.now() - sinceMs;
  const busyMs = spentMs === undefined || before === undefined ? 0 : spentMs - before;
  return waitedMs > CLOCK_FACTOR * mostMs || Math.min(waitedMs, busyMs) > mostMs;
}
