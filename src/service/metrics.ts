import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JobCounts, Watcher } from '../queue/index.js';

export interface Metrics {
  readonly watcher: Pick<Watcher, 'onDone' | 'onFailed'>;
  countEvents(arrived: number): void;
  /** In the text format of Prometheus. */
  render(): Promise<string>;
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Counts what this process does; `queued` is asked at each reading. */
export function startMetrics(queued: () => Promise<Readonly<Record<string, JobCounts>>>): Metrics {
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
  const queue = new Gauge({
    name: 'taster_queue_jobs',
    help: 'Jobs in the queue, by stage and state.',
    labelNames: ['stage', 'state'],
    registers,
  });
  return {
    watcher: {
      onDone: (stage, _, took) => seconds.observe({ stage }, took),
      onFailed: (stage, _, __, isLast) => failures.inc({ stage, again: String(!isLast) }),
    },
    countEvents: (arrived) => events.inc(arrived),
    render: async () => {
      for (const [stage, counts] of Object.entries(await queued())) {
        for (const [state, count] of Object.entries(counts)) queue.set({ stage, state }, count);
      }
      return registry.metrics();
    },
  };
}
