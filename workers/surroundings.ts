import type { ServiceConfig } from '../src/config/index.js';
import type { JobQueue } from '../src/queue/index.js';
import type { SweptNotes } from '../src/schedule/index.js';
import type { WorkMeter } from '../src/service/index.js';
import type { ObjectStore } from '../src/store/index.js';
import type { Spool } from './spool.js';
import type { Turns } from './turns.js';
import type { Workbenches } from './workbench.js';

/** What every job reaches for. */
export interface Surroundings {
  readonly store: ObjectStore;
  readonly config: ServiceConfig;
  readonly queue: JobQueue;
  readonly benches: Workbenches;
  readonly meter: WorkMeter;
  readonly spool: Spool;
  /** Of the processes that assess shards. */
  readonly turns: Turns;
  /** Dataset → what its sweeps need not open again. */
  readonly swept: ReadonlyMap<string, SweptNotes>;
}
