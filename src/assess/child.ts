import { Tinypool } from 'tinypool';
import { Transient } from '../errors.js';
import type { Shard } from '../intake/index.js';
import type { Preparation, Reply } from './assess-worker.js';
import { recreateError } from './failure.js';
import type { ShardAssessment } from './types.js';

/** A process that assesses shards, one at a time. */
export interface Child {
  /** Comes before the first shard. @throws Transient PROCESS_DIED, and what was thrown in the child */
  prepare(preparation: Preparation): Promise<void>;
  /** Undefined when the process died over the shard. @throws what was thrown in the child */
  assess(shard: Shard): Promise<ShardAssessment | undefined>;
  stop(): Promise<void>;
  /** For the moment in which this process exits: nothing can be awaited then. */
  kill(): void;
}

/** The compiled file, also where this one runs as TypeScript: a child has no loader for that. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/assess/assess-worker.js' : './assess-worker.js',
  import.meta.url,
).href;

/**
 * Starts a process. Each is a Tinypool of its own: in one of several, tasks wait for ever once a worker that takes the
 * place of a dead one dies while it starts.
 */
export function startChild(): Child {
  const pool = new Tinypool({
    runtime: 'child_process',
    serialization: 'advanced',
    filename: ENTRY,
    minThreads: 1,
    maxThreads: 1,
    // Nothing of our own environment: what parses hostile bytes has no business with credentials.
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const diedIdle = new Promise<never>((_, reject) => pool.on('error', reject));
  diedIdle.catch(() => {});
  let stopping: Promise<void> | undefined;

  const run = async <Value>(name: string, task: unknown): Promise<Value | undefined> => {
    // A Tinypool that was destroyed would start another process.
    if (stopping !== undefined) return undefined;
    const reply = await Promise.race<Reply<Value>>([pool.run(task, { name }), diedIdle]).catch(() => undefined);
    if (reply !== undefined && 'failure' in reply) throw recreateError(reply.failure);
    return reply?.value;
  };

  return {
    prepare: async (preparation) => {
      const isPrepared = (await run<boolean>('prepareChild', preparation)) ?? false;
      if (!isPrepared) throw new Transient('PROCESS_DIED');
    },
    assess: (shard) => run<ShardAssessment>('assessInChild', shard),
    stop: () => {
      stopping ??= pool.destroy();
      return stopping;
    },
    kill: () => {
      for (const { threadId } of pool.threads) killProcess(threadId);
    },
  };
}

function killProcess(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
