import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pidusage from 'pidusage';
import { Transient } from '../errors.js';
import type { Preparation, Reply, Request, Task } from './assess-worker.js';
import { recreateError } from './failure.js';
import type { SampledShard } from './sample-rows.js';
import type { ShardAssessment } from './types.js';

/** What a process may take before it is killed: what it reads is not to be trusted. */
export interface ChildLimits {
  /** Longest time without a sign of life: to parse a shard, or to score the next rows of it. */
  readonly seconds: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/** How a process ended over a shard. */
export type Death = 'died' | 'took too long' | 'took too much memory';

/** A process that assesses shards, one at a time. */
export interface Child {
  /** Comes before the first shard. @throws Transient PROCESS_DIED, and what was thrown in the child */
  prepare(preparation: Preparation): Promise<void>;
  /** The assessment, or how the process ended over the shard. @throws what was thrown in the child */
  assess(task: Task): Promise<ShardAssessment | Death>;
  /** The same for a sample of the shard's rows, which needs no baseline. */
  sample(task: Task): Promise<SampledShard | Death>;
  stop(): Promise<void>;
  /** For the moment in which this process exits: nothing can be awaited then. */
  kill(): void;
}

/** The compiled file, also where this one runs as TypeScript: a child has no loader for that. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/assess/assess-worker.js' : './assess-worker.js',
  import.meta.url,
);
const MEMORY_WATCH_MS = 100;
/** Slower than any machine that could score a shard. */
const STARTING_SECONDS = 300;

export function startChild(limits: ChildLimits): Child {
  const child = fork(fileURLToPath(ENTRY), {
    serialization: 'advanced',
    // Nothing of our own environment: what parses hostile bytes has no business with credentials.
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    execArgv: [],
    // A terminal's Ctrl-C is for the parent, which ends its children itself.
    detached: true,
  });
  const exited = once(child, 'exit');
  return {
    prepare: async (preparation) => {
      // What a child begins with is our own.
      const unwatched = { seconds: STARTING_SECONDS, memoryBytes: Infinity };
      const outcome = await ask(child, { prepare: preparation }, unwatched);
      if (typeof outcome === 'string') throw new Transient('PROCESS_DIED');
    },
    assess: async (task) => (await ask<ShardAssessment>(child, { assess: task }, limits)) ?? 'died',
    sample: async (task) => (await ask<SampledShard>(child, { sample: task }, limits)) ?? 'died',
    stop: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Sends a request and waits for its reply; a child that breaks a limit meanwhile is killed. */
async function ask<Result extends ShardAssessment | SampledShard>(
  child: ChildProcess,
  request: Request,
  limits: ChildLimits,
): Promise<Result | Death | null> {
  if (!child.connected) return 'died';
  const watch = watchLimits(child, limits);
  try {
    return await new Promise((resolve, reject) => {
      const onMessage = (reply: Reply) => {
        if ('alive' in reply) return watch.onSign();
        child.off('exit', onExit);
        child.off('message', onMessage);
        if ('failure' in reply) reject(recreateError(reply.failure));
        else resolve(reply.result as Result | null);
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

function watchLimits(child: ChildProcess, { seconds, memoryBytes }: ChildLimits) {
  let verdict: Death | undefined;
  const end = (why: Death) => {
    verdict ??= why;
    child.kill('SIGKILL');
  };
  const silence = setTimeout(() => end('took too long'), seconds * 1000);
  const memory = setInterval(async () => {
    // The process may be gone by the time it is looked at.
    const usage = await pidusage(child.pid ?? -1).catch(() => undefined);
    if (usage !== undefined && usage.memory > memoryBytes) end('took too much memory');
  }, MEMORY_WATCH_MS);
  return {
    onSign: () => void silence.refresh(),
    verdict: () => verdict,
    stop: () => {
      clearTimeout(silence);
      clearInterval(memory);
    },
  };
}
