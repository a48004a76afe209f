import type { ServiceConfig } from '../src/config/index.js';
import type { Spent } from '../src/process/index.js';
import type { JobQueue } from '../src/queue/index.js';
import type { SweptNotes } from '../src/schedule/index.js';
import type { ObjectStore } from '../src/store/index.js';
import type { Spool } from './spool.js';
import type { Workbenches } from './workbench.js';

/** Told what assessing shards takes. */
export interface WorkMeter {
  /** Once for each shard that is assessed, not where its result is there. */
  onAssessed(dataset: string, shard: { readonly rows: number; readonly bytes: number }): void;
  onSpent(spent: Spent): void;
  /** Of bytes of shards that lie on the disk of this worker now. */
  onHeld(bytes: number): void;
}

/** What every job reaches for. */
export interface Surroundings {
  readonly store: ObjectStore;
  readonly config: ServiceConfig;
  readonly queue: JobQueue;
  readonly benches: Workbenches;
  readonly meter: WorkMeter;
  readonly spool: Spool;
  /** Dataset → what its sweeps need not open again. */
  readonly swept: ReadonlyMap<string, SweptNotes>;
}
