import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { schemaProblem } from '../../src/schema/index.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService, until } from './service.js';

const ATTEMPTS = 1;
const SECRET = 'nobody-is-to-see-this';

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;
const told: unknown[] = [];
let answer = 500;
const receiver = createServer(async (request, response) => {
  told.push(await json(request));
  response.writeHead(answer).end();
});

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const notify = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${SECRET}?token=${SECRET}`;
  redis = await startRedis();
  service = await makeTabularService(inFolder, redis, { dataset: { notify }, worker: { attempts: ATTEMPTS } });
});
afterAll(async () => {
  await service?.stopWorkers();
  await redis?.stop();
  receiver.close();
});

describe('who is to be notified of what is held', () => {
  it('is told until it answers 2xx, while the batch is settled, and its address is in no log', async () => {
    service.upload('monday', { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 120, 0.33) });
    await service.taster('enqueue', 'digits', 'monday');
    let log = '';
    const isDone = () => /"stage":"notify"[^\n]*"done"/.test(log);
    service.startWorker().stderr?.on('data', (text) => {
      log += String(text);
    });
    const { decision } = await service.settled('monday');
    await until(() => told.length > ATTEMPTS + 1);
    expect(isDone()).toBe(false);
    answer = 200;
    await until(isDone);
    const held = [{ path: 'b.csv', standing: 'held' }];
    const notice = { dataset: 'digits', batch: 'monday', decision, held, withdrawn: [] };
    expect(told).toEqual(Array(told.length).fill(notice));
    expect(log).toMatch(/http:\/\/127\.0\.0\.1:\d+: could not be told what is held: it answered 500/);
    expect(log).not.toContain(SECRET);
  });

  it('is told once of what it had not taken when Redis loses everything', async () => {
    answer = 500;
    service.upload('lost', { 'a.csv': tabularCsv('c', 120), 'b.csv': tabularCsv('d', 120, 0.33) });
    await service.taster('enqueue', 'digits', 'lost');
    const before = told.length;
    const { decision } = await service.settled('lost');
    await until(() => told.length > before);
    expect(await service.stopWorkers()).toEqual([0]);
    await redis.restart({ empty: true });
    const queued = 'queued digits lost: to tell what is held\n';
    expect(await service.taster('reconcile')).toMatchObject({ exitCode: 0, stdout: queued });
    expect(await service.taster('reconcile')).toMatchObject({ exitCode: 0, stdout: '' });
    const untaken = told.length;
    answer = 200;
    service.startWorker();
    const note = service.at('vault/batches/lost/notices/000002.json');
    await until(() => existsSync(note));
    expect(await service.stopWorkers()).toEqual([0]);
    const notice = {
      dataset: 'digits',
      batch: 'lost',
      decision,
      held: [{ path: 'b.csv', standing: 'held' }],
      withdrawn: [],
    };
    expect(told.slice(untaken)).toEqual([notice]);
    expect(schemaProblem('notice', notice)).toBeUndefined();
    expect(JSON.parse(readFileSync(note, 'utf8'))).toEqual(notice);
    await redis.restart({ empty: true });
    expect(await service.taster('reconcile')).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('is told nothing of a batch of which all is released', async () => {
    service.startWorker();
    const before = told.length;
    service.upload('tuesday', { 'a.csv': tabularCsv('a', 120) });
    await service.taster('enqueue', 'digits', 'tuesday');
    await service.settled('tuesday');
    expect(await service.stopWorkers()).toEqual([0]);
    expect(told.length).toBe(before);
  });
});
