import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Transient } from '../errors.js';
import type { Spent } from '../process/index.js';
import type { JobQueue, Watcher } from '../queue/index.js';
import { type BatchMetrics, startBatchMetrics } from './batch-metrics.js';

/** Told what assessing shards in this process takes. */
export interface WorkMeter {
  /** Once for each shard that is assessed, not where its result is there. */
  onAssessed(dataset: string, shard: { readonly rows: number; readonly bytes: number }): void;
  onSpent(spent: Spent): void;
  /** Of bytes of shards that lie on the disk of this worker now. */
  onHeld(bytes: number): void;
}

export interface Metrics {
  readonly watcher: Pick<Watcher, 'onDone' | 'onFailed'>;
  readonly meter: WorkMeter;
  readonly batches: BatchMetrics;
  countEvents(arrived: number): void;
  /** In the text format of Prometheus. */
  render(): Promise<string>;
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Counts what this process does; the queue is asked at each reading, and left out where it does not answer. */
export function startMetrics(queue: Pick<JobQueue, 'requireAnswer' | 'counts' | 'oldestBatches'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const seconds = new Histogram({
    name: 'taster_job_seconds',
    help: 'Time that jobs took in this process, by stage.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  });
  const failures = new Counter({
    name: 'taster_job_failures_total',
    help: 'Tries of jobs that failed in this process, by stage and whether they will be tried again.',
    labelNames: ['stage', 'again'],
    registers,
  });
  const events = new Counter({ name: 'taster_events_total', help: 'Folders that events have named.', registers });
  const isUp = new Gauge({ name: 'taster_queue_up', help: '1 when the queue answers, else 0.', registers });
  const jobs = new Gauge({
    name: 'taster_queue_jobs',
    help: 'Jobs in the queue, by stage and state.',
    labelNames: ['stage', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'taster_oldest_batch_seconds',
    help: 'How long the oldest batch that is not done has been in the queue; 0 where there is none.',
    labelNames: ['dataset'],
    registers,
  });
  const readQueue = async () => {
    jobs.reset();
    oldest.reset();
    try {
      await queue.requireAnswer();
      const [counted, batches] = await Promise.all([queue.counts(), queue.oldestBatches()]);
      for (const [stage, counts] of Object.entries(counted)) {
        for (const [state, count] of Object.entries(counts)) jobs.set({ stage, state }, count);
      }
      for (const [dataset, since] of batches) oldest.set({ dataset }, (Date.now() - since) / 1000);
      isUp.set(1);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      isUp.set(0);
    }
  };
  return {
    meter: startMeter(registry),
    batches: startBatchMetrics(registry),
    watcher: {
      onDone: (stage, _, took) => seconds.observe({ stage }, took),
      onFailed: (stage, _, __, isLast) => failures.inc({ stage, again: String(!isLast) }),
    },
    countEvents: (arrived) => events.inc(arrived),
    render: async () => {
      await readQueue();
      return registry.metrics();
    },
  };
}

function startMeter(registry: Registry): WorkMeter {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers });
  const shards = counter('taster_shards_total', 'Shards that this process has assessed.', 'dataset');
  const rows = counter('taster_rows_total', 'Their rows, as far as they could be read.', 'dataset');
  const bytes = counter('taster_bytes_total', 'Their bytes, as they were stored.', 'dataset');
  const parts = counter('taster_assess_seconds_total', 'Time that parts of assessing shards took.', 'part');
  const detectors = counter('taster_detector_seconds_total', 'Time that detectors took, of detect.', 'detector');
  const spool = new Gauge({
    name: 'taster_spool_bytes',
    help: 'Bytes of shards that lie on the disk of this worker, or are on their way there.',
    registers,
  });
  return {
    onHeld: (bytes) => spool.set(bytes),
    onAssessed: (dataset, shard) => {
      shards.inc({ dataset });
      rows.inc({ dataset }, shard.rows);
      bytes.inc({ dataset }, shard.bytes);
    },
    onSpent: ({ part: named, seconds }) => {
      const [part = '', detector] = named.split(' ');
      parts.inc({ part }, seconds);
      if (detector !== undefined) detectors.inc({ detector }, seconds);
    },
  };
}
