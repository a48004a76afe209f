import type { NamedColumns } from '../encode/index.js';
import type { IntakeLimits, Shard } from '../intake/index.js';
import type { Backend } from '../linear/index.js';
import type { Spent } from '../process/index.js';
import { unreadableShard } from './assess-shard.js';
import type { Child, ChildLimits, Death } from './child.js';
import type { Crew } from './crew.js';
import { explain } from './pool.js';
import { type DigestedShard, unsampled } from './sample-batch.js';
import type { ShardAssessment } from './types.js';

/** What shards are assessed by, in files that processes read it from. */
export interface WarmJob {
  /** Of it as many processes stay ready between shards as are assessed at the same time, each started when it is first needed. */
  readonly crew: Crew;
  /** Null where rows are only told apart. */
  readonly baselineFile: string | null;
  /** Where what is known of rows is put. */
  readonly folder: string;
  readonly backend: Backend;
  readonly columns: NamedColumns;
  readonly limits: IntakeLimits & ChildLimits;
  /** Told how long each part of the work took: a phase, and for `detect` the detector after a space. */
  readonly onSpent?: (spent: Spent) => void;
}

/** Assesses shards one by one, by processes that others may use as well. */
export interface WarmAssessor {
  /**
   * Assesses a shard that is a local file; `number` names its files in the folder.
   * @throws Transient PROCESS_DIED, READ_FAILED, WRITE_FAILED
   */
  assess(shard: Shard & { readonly sha256: string }, number: number): Promise<ShardAssessment>;
  /** Tells its rows apart, for a sample of its batch. @throws as assess */
  digest(shard: Shard & { readonly sha256: string }): Promise<DigestedShard>;
}

export function warmAssessor({ crew, folder: rowsFolder, onSpent, ...job }: WarmJob): WarmAssessor {
  const { limits } = job;
  const preparation = { ...job, rowsFolder };
  const attempt = async <Result extends object>(work: (child: Child) => Promise<Result | Death>) => {
    const first = await crew.lend(preparation, work);
    // As in a scan: memory may have been short only beside other shards; or it was dead before.
    return first === 'died' ? crew.lend(preparation, work) : first;
  };
  return {
    assess: async (shard, number) => {
      const outcome = await attempt((child) => child.assess({ shard, number }, onSpent));
      if (typeof outcome !== 'string') return outcome;
      return unreadableShard(shard.path, shard.sha256, explain({ death: outcome }, limits));
    },
    digest: async (shard) => {
      const outcome = await attempt((child) => child.sample({ shard, number: 0 }, null));
      const sampled = typeof outcome === 'string' ? unsampled(explain({ death: outcome }, limits)) : outcome;
      return { hash: shard.sha256, sampled };
    },
  };
}
