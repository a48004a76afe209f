import { tmpdir } from 'node:os';
import type { ServiceConfig } from '../src/config/index.js';
import { type JobQueue, startWorkers, type Watcher } from '../src/queue/index.js';
import { sweptNotes } from '../src/schedule/index.js';
import type { WorkMeter } from '../src/service/index.js';
import { type ObjectStore, withScratch } from '../src/store/index.js';
import { assessJob } from './assess.js';
import { decideJob } from './decide.js';
import { digestJob } from './digest.js';
import { enforceJob } from './enforce.js';
import { fitJob } from './fit.js';
import { keepSwept } from './keep-swept.js';
import { notifyJob } from './notify.js';
import { openSpool } from './spool.js';
import { sweepJob } from './sweep.js';
import { takeTurns } from './turns.js';
import { openWorkbenches } from './workbench.js';

/** Shards that are on their way from the store, or what is known of them on its way there, while others are assessed. */
const AHEAD = 1;

export interface WorkerRun {
  readonly store: ObjectStore;
  readonly config: ServiceConfig;
  readonly redisUrl: string;
  readonly queue: JobQueue;
  readonly watcher: Watcher;
  readonly meter: WorkMeter;
  /** Called when jobs are taken. */
  readonly onReady: () => void;
  /** Resolves when the worker is to end. */
  readonly stopped: Promise<void>;
}

/** Takes jobs until it is told to stop, and then finishes those at hand. @throws Transient WRITE_FAILED */
export function runWorker({
  store,
  config,
  redisUrl,
  queue,
  watcher,
  meter,
  onReady,
  stopped,
}: WorkerRun): Promise<void> {
  return withScratch(tmpdir(), async (scratch) => {
    const benches = openWorkbenches(store, scratch, meter);
    const swept = new Map([...config.datasets.values()].map(({ name, vault }) => [name, sweptNotes(store, vault)]));
    const spool = openSpool({ folder: scratch, capacityBytes: config.worker.spoolBytes, onHeld: meter.onHeld });
    const { concurrency } = config.worker;
    const around = { store, config, queue, benches, meter, spool, swept, turns: takeTurns(concurrency) };
    const processors = {
      digest: (job: Parameters<typeof digestJob>[1]) => digestJob(around, job),
      fit: (...job: Tail<Parameters<typeof fitJob>>) => fitJob(around, ...job),
      assess: (job: Parameters<typeof assessJob>[1]) => assessJob(around, job),
      decide: (...job: Tail<Parameters<typeof decideJob>>) => decideJob(around, ...job),
      enforce: (job: Parameters<typeof enforceJob>[1]) => enforceJob(around, job),
      notify: (job: Parameters<typeof notifyJob>[1]) => notifyJob(around, job),
      sweep: (job: Parameters<typeof sweepJob>[1]) => sweepJob(around, job),
    };
    const workers = startWorkers(redisUrl, { ...config.worker, concurrency: concurrency + AHEAD }, processors, watcher);
    await workers.ready();
    for (const dataset of config.datasets.keys()) await queue.keepSweeping(dataset, config.worker.sweepSeconds);
    const ended = new AbortController();
    // Not waited for: it may be asking a Redis that is away.
    void keepSwept(queue, config, watcher, ended.signal);
    onReady();
    await stopped;
    ended.abort();
    await workers.stop();
    await benches.stop();
  });
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;
