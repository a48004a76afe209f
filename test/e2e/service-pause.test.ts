import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { loadConfig } from '../../src/config/index.js';
import type { JobQueue } from '../../src/queue/index.js';
import type { AuditEntry } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { sweepJob } from '../../workers/sweep.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, type TestService } from './service.js';

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  service = await makeService(inFolder('service'), redis);
});
afterAll(async () => {
  await service?.stopWorkers();
  await redis?.stop();
});

/** What one sweep of any worker would queue. */
async function swept(): Promise<string[]> {
  const queued: string[] = [];
  const queue = { addBatch: async ({ batch }: { batch: string }) => queued.push(batch) > 0 };
  const config = loadConfig(service.at('taster.config.json'));
  const around = { store: fileStore, config, queue: queue as unknown as JobQueue, swept: new Map() };
  await sweepJob(around as unknown as Surroundings, { dataset: 'digits', folder: null });
  return queued;
}

describe('a paused dataset', () => {
  it('is left alone by sweeps and commands, whatever becomes of Redis, until it is resumed', async () => {
    const { taster, at } = service;
    service.upload('monday', { ...digitShards(['images-1.parquet', 'images-2.parquet']), _SUCCESS: '' });
    await redis.kill();
    const paused = await taster('pause', 'digits', '--why', 'the baseline is replaced', '--by', 'ann');
    expect(paused).toMatchObject({ exitCode: 0, stdout: 'paused digits\n', stderr: '' });
    await redis.restart({ empty: true });
    expect((await taster('pause', 'digits')).stdout).toBe('digits: is paused already\n');
    expect(await swept()).toEqual([]);
    expect(existsSync(at('vault/batches'))).toBe(false);
    expect(await taster('enqueue', 'digits', 'monday')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/digits: is paused since .*: the baseline is replaced\n.*taster resume digits/),
    });
    expect(await taster('rescan', 'digits', 'monday')).toMatchObject({ exitCode: 2 });
    expect(await taster('reconcile')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('digits is paused'),
    });
    const { stdout } = await taster('status');
    expect(stdout).toMatch(/^paused {3}digits since .*, by ann: the baseline is replaced\n/);
    expect((await taster('resume', 'digits')).stdout).toBe('resumed digits\n');
    expect((await taster('resume', 'digits')).stdout).toBe('digits: is not paused\n');
    service.startWorker();
    expect(await service.settled('monday')).toMatchObject({ held: ['images-2.parquet'] });
  });

  it('can be reviewed, and both are in the audit log', async () => {
    const { taster } = service;
    const { decision } = service.verdict('monday');
    await taster('pause', 'digits');
    const said = ['--decision', decision, '--by', 'ann', '--reason', 'it is meant to be so'];
    expect(await taster('review', 'release', 'digits', 'monday', ...said)).toMatchObject({ exitCode: 0 });
    expect((await service.settled('monday', 2)).held).toEqual([]);
    expect(JSON.parse((await taster('status', '--json')).stdout).paused).toMatchObject([
      { dataset: 'digits', why: null, by: null },
    ]);
    const entries = JSON.parse((await taster('audit', 'verify', 'vault/audit', '--json')).stdout) as AuditEntry[];
    const events = entries.filter(({ event }) => event !== 'settled').map(({ event, by }) => `${event} ${by}`);
    expect(events).toEqual(['pause ann', 'resume null', 'decision null', 'pause null', 'review ann']);
    expect(readdirSync(service.at('vault/pauses'))).toEqual(['000001.json', '000002.json', '000003.json']);
  });

  it('is paused once by several at the same time', async () => {
    await service.taster('resume', 'digits');
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => service.taster('pause', 'digits')));
    expect(outcomes.filter(({ stdout }) => stdout === 'paused digits\n')).toHaveLength(1);
    expect(readdirSync(service.at('vault/pauses'))).toHaveLength(5);
  });
});
