import type { NamedColumns } from '../encode/index.js';
import type { IntakeLimits, Shard } from '../intake/index.js';
import type { Backend } from '../linear/index.js';
import type { Spent } from '../process/index.js';
import { unreadableShard } from './assess-shard.js';
import { type Child, type ChildLimits, startChild } from './child.js';
import { explain } from './pool.js';
import type { ShardAssessment } from './types.js';

/** What shards are assessed by, in files that processes read it from. */
export interface WarmJob {
  readonly baselineFile: string;
  /** Where what is known of rows is put. */
  readonly folder: string;
  readonly backend: Backend;
  readonly columns: NamedColumns;
  readonly limits: IntakeLimits & ChildLimits;
  /** Told how long each part of the work took: a phase, and for `detect` the detector after a space. */
  readonly onSpent?: (spent: Spent) => void;
}

/** Processes that stay ready between shards. */
export interface WarmAssessor {
  /**
   * Assesses a shard that is a local file; `number` names its files in the folder.
   * @throws Transient PROCESS_DIED, READ_FAILED, WRITE_FAILED
   */
  assess(shard: Shard & { readonly sha256: string }, number: number): Promise<ShardAssessment>;
  stop(): Promise<void>;
}

/** As many processes as shards are assessed at the same time, each started when it is first needed. */
export function warmAssessor(job: WarmJob): WarmAssessor {
  const idle: Child[] = [];
  const running = new Set<Child>();
  const killAll = () => {
    for (const child of running) child.kill();
  };
  process.once('exit', killAll);
  const start = async () => {
    const child = startChild(job.limits);
    running.add(child);
    const { baselineFile, folder: rowsFolder, backend, columns, limits } = job;
    await child.prepare({ baselineFile, rowsFolder, backend, columns, limits });
    return child;
  };
  const end = async (child: Child) => {
    running.delete(child);
    await child.stop();
  };
  const tryIn = async (child: Child, shard: Shard, number: number) => {
    try {
      const outcome = await child.assess({ shard, number }, job.onSpent);
      if (typeof outcome === 'string') await end(child);
      else idle.push(child);
      return outcome;
    } catch (error) {
      await end(child);
      throw error;
    }
  };
  return {
    assess: async (shard, number) => {
      const first = await tryIn(idle.pop() ?? (await start()), shard, number);
      // As in a scan: memory may have been short only beside other shards; or it was dead before.
      const outcome = first === 'died' ? await tryIn(await start(), shard, number) : first;
      if (typeof outcome !== 'string') return outcome;
      return unreadableShard(shard.path, shard.sha256, explain({ death: outcome }, job.limits));
    },
    stop: async () => {
      process.off('exit', killAll);
      await Promise.all([...running].map(end));
    },
  };
}
