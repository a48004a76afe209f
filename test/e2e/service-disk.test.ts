import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { tabularCsv } from '../assess/batch.js';
import { canMount, mount, unmount } from '../mount.js';
import { temporaryFolder } from '../temporary-folder.js';
import { outcomeOf, start } from './command.js';
import { makeTabularService, type TestService } from './service.js';

const DISK_BYTES = 64 * 2 ** 20;

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  mkdirSync(inFolder('disk'));
  const env = { TMPDIR: inFolder('disk') };
  service = await makeTabularService(inFolder, redis, { env, worker: { attempts: 10 } });
});
afterAll(() => redis.stop());

describe.runIf(canMount())('a worker whose disk is full', () => {
  it('says so, releases nothing, and goes on once there is room', async () => {
    const { at, taster, settled, decided } = service;
    mount(inFolder('disk'), `${DISK_BYTES}`);
    try {
      service.upload('large', { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 5_000) });
      const scan = ['scan', 'in/large', '--baseline', 'trusted.taster', '--ledger', 'ledger', '--backend', 'wasm'];
      expect(await taster(...scan, '--out', 'scanned')).toMatchObject({ exitCode: 0, stderr: '' });
      writeFileSync(inFolder('disk/others'), Buffer.alloc(DISK_BYTES - 2 ** 20));
      await taster('enqueue', 'digits', 'large');
      const worker = service.startWorker();
      let log = '';
      worker.stderr?.on('data', (text) => {
        log += String(text);
      });
      const isTold = () => log.includes('writing failed: there is no room for a shard');
      await vi.waitUntil(isTold, { timeout: 90_000, interval: 100 });
      expect(existsSync(at('vault/results'))).toBe(false);
      expect(existsSync(at('out'))).toBe(false);
      rmSync(inFolder('disk/others'));
      const { released, held } = await settled('large');
      expect([released, held]).toEqual([['a.csv', 'b.csv'], []]);
      expect(decided('large', 'report.json').equals(readFileSync(at('scanned/report.json')))).toBe(true);
      expect(await service.stopWorkers()).toEqual([0]);
      expect(readdirSync(inFolder('disk'))).toEqual([]);
    } finally {
      unmount(inFolder('disk'));
    }
  });
});

/** A file may become no larger: of so many blocks, 512 or 1024 bytes each as the shell will have it. */
const BLOCKS = 400;

describe('a worker that cannot write a shard to its disk to the end', () => {
  it('says so, leaves nothing of it, releases nothing, and has it judged by a worker that can', async () => {
    const { at, taster, settled, decided } = service;
    mkdirSync(inFolder('limited'));
    const shards = { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 10_000) };
    expect(shards['b.csv'].length).toBeGreaterThan(BLOCKS * 1024);
    service.upload('cut', shards);
    const scan = ['scan', 'in/cut', '--baseline', 'trusted.taster', '--ledger', 'ledger', '--backend', 'wasm'];
    expect(await taster(...scan, '--out', 'scanned-cut')).toMatchObject({ exitCode: 0, stderr: '' });
    await taster('enqueue', 'digits', 'cut');
    const limited = start(['worker'], {
      cwd: at(),
      env: { TASTER_REDIS_URL: redis.url, TMPDIR: inFolder('limited') },
      by: ['sh', '-c', `ulimit -f ${BLOCKS} && exec "$@"`, 'sh'],
    });
    let log = '';
    limited.stderr?.on('data', (text) => {
      log += String(text);
    });
    await vi.waitUntil(() => /"shard":"b\.csv".*writing failed: EFBIG/.test(log), { timeout: 90_000, interval: 20 });
    const ended = outcomeOf(limited);
    limited.kill('SIGTERM');
    expect((await ended).exitCode).toBe(0);
    expect(readdirSync(inFolder('limited'))).toEqual([]);
    expect(existsSync(at('out/released/cut'))).toBe(false);
    service.startWorker();
    const { released, held } = await settled('cut');
    expect([released, held]).toEqual([['a.csv', 'b.csv'], []]);
    expect(decided('cut', 'report.json').equals(readFileSync(at('scanned-cut/report.json')))).toBe(true);
    expect(await service.stopWorkers()).toEqual([0]);
  });
});
