import type { ServiceConfig } from '../src/config/index.js';
import type { JobQueue } from '../src/queue/index.js';
import type { ObjectStore } from '../src/store/index.js';
import type { Workbenches } from './workbench.js';

/** What every job reaches for. */
export interface Surroundings {
  readonly store: ObjectStore;
  readonly config: ServiceConfig;
  readonly queue: JobQueue;
  readonly benches: Workbenches;
  /** Dataset → batches that were seen to be settled: sweeps need not look at them again. */
  readonly settled: ReadonlyMap<string, Set<string>>;
}
