import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BatchEvent, Waiting } from '../checkup/index.js';

/** What is told of batches, whoever has judged or reviewed them. */
export interface BatchMetrics {
  count(dataset: string, event: BatchEvent): void;
  /** `now` is when everything up to it had been counted, in ms since 1970. */
  setWaiting(dataset: string, waiting: Waiting, now: number): void;
}

/** Around the levels at which families are rejected: a fifth or sixth of a rate of a few per cent. */
const P_VALUES = [1e-6, 1e-4, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AGES = [10, MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY];

export function startBatchMetrics(registry: Registry): BatchMetrics {
  const registers = [registry];
  const batches = new Counter({
    name: 'taster_batch_verdicts_total',
    help: 'Decisions on batches, by what enforce does (verdict) and the mode they were made in.',
    labelNames: ['dataset', 'mode', 'verdict'],
    registers,
  });
  const shards = new Counter({
    name: 'taster_shard_verdicts_total',
    help: 'Shards decided on, by what enforce does (verdict) and whether the decision released them.',
    labelNames: ['dataset', 'mode', 'verdict', 'released'],
    registers,
  });
  const findings = new Counter({
    name: 'taster_findings_total',
    help: 'Findings of decisions, by kind and whether they hold something.',
    labelNames: ['dataset', 'kind', 'holds'],
    registers,
  });
  const pValues = new Histogram({
    name: 'taster_family_p_value',
    help: 'p-values of the families of tests of decisions.',
    labelNames: ['dataset', 'family'],
    buckets: P_VALUES,
    registers,
  });
  const reviews = new Histogram({
    name: 'taster_review_age_seconds',
    help: 'Time from a decision to what a reviewer said of it, by action.',
    labelNames: ['dataset', 'action'],
    buckets: AGES,
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['dataset'], registers });
  const waitingShards = gauge('taster_waiting_shards', 'Held shards of which no reviewer has said anything final.');
  const oldest = gauge('taster_oldest_review_seconds', 'Since when the oldest of them waits; 0 where none does.');
  const asOf = gauge('taster_vault_read_timestamp_seconds', 'When everything in the vault had last been counted.');
  return {
    count: (dataset, event) => {
      if (event.kind === 'review') {
        reviews.observe({ dataset, action: event.action }, event.secondsSinceDecision);
        return;
      }
      const { mode, verdict } = event;
      batches.inc({ dataset, mode, verdict });
      for (const { verdict, released, count } of event.shards) {
        shards.inc({ dataset, mode, verdict, released: String(released) }, count);
      }
      for (const { kind, holds, count } of event.findings) {
        findings.inc({ dataset, kind, holds: String(holds) }, count);
      }
      for (const { family, pValue } of event.families) pValues.observe({ dataset, family }, pValue);
    },
    setWaiting: (dataset, { shards, since }, now) => {
      waitingShards.set({ dataset }, shards);
      oldest.set({ dataset }, since === null ? 0 : (now - since) / 1000);
      asOf.set({ dataset }, now / 1000);
    },
  };
}
