import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService } from './service.js';

const LOOK = { timeout: 60_000, interval: 100 };

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  service = await makeTabularService(inFolder, redis);
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

/** Name and labels of each sample → its value. */
async function metricsOf(address: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** What `taster serve` tells once it has counted everything in the vault. */
async function counted<T>(work: (metrics: Map<string, number>) => T): Promise<T> {
  const { address, stop } = await service.serve('a token that nobody guesses');
  try {
    const metrics = await vi.waitUntil(async () => {
      const now = await metricsOf(address);
      return now.has('taster_vault_read_timestamp_seconds{dataset="digits"}') && now;
    }, LOOK);
    return work(metrics as Map<string, number>);
  } finally {
    expect(await stop()).toBe(0);
  }
}

describe('metrics', () => {
  it('tell what a worker has done, of what became of batches, and of what reviewers did, whoever is asked when', async () => {
    const { at, taster, settled } = service;
    const worker = service.startWorker('--port', '0');
    const [line] = (await once(worker.stderr as Readable, 'data')) as [Buffer];
    const { address } = JSON.parse(String(line));
    service.upload('monday', { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 120), 'c.parquet': 'no table' });
    await taster('enqueue', 'digits', 'monday');
    const { released, held, decision } = await settled('monday');
    expect([released, held]).toEqual([['a.csv', 'b.csv'], ['c.parquet']]);

    const done = await metricsOf(address);
    const bytes = ['a.csv', 'b.csv', 'c.parquet'].map((name) => statSync(at('in/monday', name)).size);
    expect(done.get('taster_shards_total{dataset="digits"}')).toBe(3);
    expect(done.get('taster_rows_total{dataset="digits"}')).toBe(240);
    expect(done.get('taster_bytes_total{dataset="digits"}')).toBe(bytes.reduce((sum, size) => sum + size));
    expect(done.get('taster_assess_seconds_total{part="parse"}')).toBeGreaterThan(0);
    expect(done.get('taster_detector_seconds_total{detector="label-flip"}')).toBeGreaterThan(0);

    const verdict = 'dataset="digits",mode="enforce",verdict';
    await counted((metrics) => {
      expect(metrics.get(`taster_batch_verdicts_total{${verdict}="quarantine"}`)).toBe(1);
      expect(metrics.get(`taster_shard_verdicts_total{${verdict}="release",released="true"}`)).toBe(2);
      expect(metrics.get(`taster_shard_verdicts_total{${verdict}="quarantine",released="false"}`)).toBe(1);
      expect(metrics.get('taster_findings_total{dataset="digits",kind="integrity",holds="true"}')).toBe(1);
      expect(metrics.get('taster_family_p_value_count{dataset="digits",family="shards"}')).toBe(1);
      expect(metrics.get('taster_waiting_shards{dataset="digits"}')).toBe(1);
      expect(metrics.get('taster_oldest_review_seconds{dataset="digits"}')).toBeGreaterThan(0);
    });
    const by = ['--by', 'ann', '--reason', 'it is no table'];
    await taster('review', 'reject', 'digits', 'monday', '--decision', decision, ...by);
    await settled('monday', 1);
    await counted((metrics) => {
      expect(metrics.get(`taster_batch_verdicts_total{${verdict}="quarantine"}`)).toBe(1);
      expect(metrics.get('taster_waiting_shards{dataset="digits"}')).toBe(0);
      expect(metrics.get('taster_oldest_review_seconds{dataset="digits"}')).toBe(0);
      expect(metrics.get('taster_review_age_seconds_count{dataset="digits",action="reject"}')).toBe(1);
    });
  });
});
