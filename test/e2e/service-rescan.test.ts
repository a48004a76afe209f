import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, type TestService } from './service.js';

const SOUND = ['images-1', 'images-3'].map((name) => `${name}.parquet`);
const POISONED = ['images-5', 'images-7'].map((name) => `${name}.parquet`);

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  service = await makeService(inFolder('service'), redis, { dataset: { keepOriginals: false } });
});
afterEach(async () => {
  expect(new Set(await service.stopWorkers())).toEqual(new Set([0]));
});
afterAll(() => redis.stop());

function configure(settings: Readonly<Record<string, unknown>>): void {
  const file = service.at('taster.config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(config.datasets.digits, settings);
  writeFileSync(file, JSON.stringify(config));
}

describe('a rescan', () => {
  it('judges again by what is configured now, takes back what was released, and outdates reviews', async () => {
    const { at, taster, settled } = service;
    configure({ mode: 'observe' });
    service.upload('monday', digitShards([...SOUND, ...POISONED]));
    expect((await taster('rescan', 'digits', 'monday')).exitCode).toBe(2);
    await taster('enqueue', 'digits', 'monday');
    service.startWorker();
    const observed = await settled('monday');
    expect(observed.held).toEqual([]);
    expect(existsSync(at('in/monday/images-5.parquet'))).toBe(false);

    expect((await taster('rescan', 'digits', 'monday')).stdout).toBe(
      'digits monday: its decision rests on what the configuration names already\n',
    );
    configure({ mode: 'enforce' });
    expect(await taster('rescan', 'digits', 'monday')).toMatchObject({
      exitCode: 0,
      stdout: 'queued digits monday\n',
      stderr: '',
    });
    const enforced = await settled('monday', 2);
    expect(enforced).toMatchObject({ released: SOUND, held: POISONED });
    expect(enforced.decision).not.toBe(observed.decision);
    for (const path of POISONED) expect(existsSync(at('out/quarantine/monday', path))).toBe(true);

    const { stdout } = await taster('review', 'show', 'digits', 'monday');
    for (const path of POISONED) expect(stdout).toContain(`held     ${path}; an earlier decision had released it`);
    const by = ['--by', 'ann', '--reason', 'seen'];
    const stale = await taster('review', 'release', 'digits', 'monday', '--decision', observed.decision, ...by);
    expect(stale).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('decision changed') });
  });

  it('is not forgotten when Redis is, and may go back to what was judged before', async () => {
    const { taster, settled } = service;
    configure({ mode: 'observe' });
    await taster('rescan', 'digits', 'monday');
    await redis.restart({ empty: true });
    expect((await taster('reconcile')).stdout).toBe('queued digits monday\n');
    service.startWorker();
    const again = await settled('monday', 3);
    expect(again).toMatchObject({ decision: service.verdict('monday').decision, held: [] });
  });
});
