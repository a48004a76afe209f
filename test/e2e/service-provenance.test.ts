import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { tabularCsv } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService } from './service.js';

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  for (const name of ['acme', 'scanner']) {
    const { own, open } = keyPair();
    writeFileSync(inFolder(`${name}.pem`), privatePem(own));
    writeFileSync(inFolder(`${name}.pub.pem`), publicPem(open));
  }
  const trust = {
    version: 1,
    senders: [{ name: 'acme', key: 'acme.pub.pem', datasets: ['digits'], sources: ['*'] }],
    verifiers: [{ name: 'scanner', key: 'scanner.pub.pem', datasets: ['*'] }],
    onFault: { 'extra-shard': 'shard' },
    requireStatus: false,
  };
  writeFileSync(inFolder('trust.json'), JSON.stringify(trust));
  redis = await startRedis();
  const dataset = { trust: '../trust.json', sign: '../scanner.pem' };
  service = await makeTabularService(inFolder, redis, { dataset });
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

const SHARDS = { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 120) };

async function signManifest(batch: string): Promise<void> {
  const options = ['--dataset', 'digits', '--key', '../acme.pem', '--days', '1'];
  expect(await service.taster('manifest', 'create', `in/${batch}`, ...options)).toMatchObject({ exitCode: 0 });
}

const gate = (batch: string, ...options: string[]) =>
  service.taster('gate', `out/released/${batch}`, '--trust', '../trust.json', '--dataset', 'digits', ...options);

describe('with a trust policy and a signing key', () => {
  it('a signed batch is released under a signed verdict, and passes the gate', async () => {
    service.upload('signed', SHARDS);
    await signManifest('signed');
    expect(await gate('signed')).toMatchObject({ exitCode: 2 });
    service.startWorker();
    await service.settled('signed');
    expect(await gate('signed')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('a.csv') });
    writeFileSync(service.at('out/released/signed/c.csv'), 'slipped in');
    expect(await gate('signed')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('what the manifest does not list is held, and released by a person all the same', async () => {
    const { taster, settled } = service;
    service.upload('more', SHARDS);
    await signManifest('more');
    service.upload('more', { 'extra.csv': tabularCsv('extra', 120) });
    service.startWorker();
    const { decision, held } = await settled('more');
    expect(held).toEqual(['extra.csv']);
    const by = ['--by', 'ann', '--reason', 'they forgot to list it'];
    await taster('review', 'release', 'digits', 'more', '--decision', decision, ...by);
    expect((await settled('more', 2)).released).toEqual(['a.csv', 'b.csv', 'extra.csv']);
    const passed = await gate('more');
    expect(passed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('extra.csv') });
    // A verdict that was named gives way to the one that has taken its place.
    const first = await gate('more', '--verdict', 'out/released/more/verdict.json');
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: passed.stdout,
      stderr: expect.stringContaining('holds no more'),
    });
  });

  it('nothing of a batch without a manifest is released', async () => {
    service.upload('unsigned', SHARDS);
    await service.taster('enqueue', 'digits', 'unsigned');
    service.startWorker();
    expect(await service.settled('unsigned')).toMatchObject({ released: [], held: ['a.csv', 'b.csv'] });
  });
});
