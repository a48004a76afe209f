import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import type { AuditEntry } from '../../src/schema/index.js';
import { sha256Of } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, type TestService } from './service.js';

const SOUND = ['images-1', 'images-3', 'images-4', 'images-6', 'images-8'].map((name) => `${name}.parquet`);
const POISONED = ['images-2', 'images-5', 'images-7'].map((name) => `${name}.parquet`);

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  service = await makeService(inFolder('service'), redis);
});
afterEach(async () => {
  expect(new Set(await service.stopWorkers())).toEqual(new Set(service ? [0] : []));
});
afterAll(() => redis.stop());

describe('the service', () => {
  it('releases sound shards bit by bit, holds poisoned ones, and decides as a scan of the same files does', async () => {
    const { at, taster, settled, decided } = service;
    service.upload('monday', digitShards());
    expect(await taster('enqueue', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
    service.startWorker();
    const { released, held, decision } = await settled('monday');
    expect(released).toEqual(SOUND);
    expect(held).toEqual(POISONED);
    for (const path of SOUND)
      expect(readFileSync(at('out/released/monday', path))).toEqual(readFileSync(at('in/monday', path)));
    expect(readdirSync(at('out/released/monday')).sort()).toEqual([...SOUND, 'verdict.json']);
    expect(readdirSync(at('out/quarantine/monday')).sort()).toEqual(POISONED);
    const scanned = await taster(
      'scan',
      'in/monday',
      '--baseline',
      'trusted.taster',
      '--ledger',
      'ledger',
      '--backend',
      'wasm',
      '--out',
      'scanned',
      '--quiet',
    );
    expect(scanned.exitCode).toBe(1);
    for (const name of ['report.json', 'report.html', 'rows.arrow']) {
      expect(decided('monday', name).equals(readFileSync(at('scanned', name)))).toBe(true);
    }
    expect(readdirSync(at('vault/batches/monday/decisions'))).toEqual([decision]);
    const { stdout } = await taster('status', '--json');
    expect(JSON.parse(stdout).batches).toMatchObject([
      { batch: 'monday', state: 'settled', shards: 8, released: 5, held: 3 },
    ]);
  });

  it('judges once what is announced often, and takes what comes later for another batch', async () => {
    const { at, taster, settled } = service;
    service.upload('tuesday', digitShards(SOUND));
    const enqueued = await Promise.all(Array.from({ length: 4 }, () => taster('enqueue', 'digits', 'tuesday')));
    expect(enqueued.filter(({ exitCode }) => exitCode === 0).length).toBeGreaterThan(0);
    service.startWorker();
    service.startWorker();
    await settled('tuesday');
    // The last may still lie under its first name as well.
    const records = readdirSync(at('vault/batches/tuesday/records')).filter((name) => !name.startsWith('.'));
    expect(records).toEqual(['000001.json', '000002.json']);
    expect(await taster('enqueue', 'digits', 'tuesday')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('nothing has arrived that is not sealed already'),
    });
    service.upload('tuesday', digitShards(POISONED));
    expect(await taster('enqueue', 'digits', 'tuesday')).toMatchObject({
      exitCode: 0,
      stdout: 'queued digits tuesday~2\n',
    });
    const late = await settled('tuesday~2');
    expect([late.released, late.held]).toEqual([[], POISONED]);
    expect(readdirSync(at('vault/batches')).filter((name) => name.startsWith('tuesday'))).toEqual([
      'tuesday',
      'tuesday~2',
    ]);
  });

  it('queues every folder that can be read, names the others and says at the end that something failed', async () => {
    const { at, taster, settled } = service;
    for (const batch of ['all-1', 'all-2', 'all-3']) service.upload(batch, digitShards(SOUND.slice(0, 1)));
    mkdirSync(at('vault/batches/all-2'), { recursive: true });
    writeFileSync(at('vault/batches/all-2/seal.json'), 'what no worker has written');
    const { exitCode, stdout, stderr } = await taster('enqueue', 'digits');
    expect({ exitCode, queued: stdout.match(/all-\d/g) }).toEqual({ exitCode: 3, queued: ['all-1', 'all-3'] });
    expect(stderr).toContain('all-2 is not queued: ');
    expect(stderr).toContain('it is not JSON');
    service.startWorker();
    for (const batch of ['all-1', 'all-3']) expect((await settled(batch)).released).toEqual(SOUND.slice(0, 1));
    for (const root of ['in/all-2', 'vault/batches/all-2']) rmSync(at(root), { recursive: true });
  });

  it('notices by itself a batch that is marked as complete, and no other', async () => {
    const { at, settled } = service;
    service.startWorker();
    service.upload('arriving', digitShards(SOUND.slice(0, 2)));
    service.upload('complete', digitShards(SOUND.slice(0, 2)));
    writeFileSync(at('in/complete/_SUCCESS'), '');
    await settled('complete');
    expect(existsSync(at('vault/batches/arriving/seal.json'))).toBe(false);
    rmSync(at('in/arriving'), { recursive: true });
  });

  it('looks at what an event tells of', async () => {
    const { settled } = service;
    const { address, stop } = await service.serve('a token that nobody guesses');
    service.startWorker();
    service.upload('told', { ...digitShards(SOUND.slice(0, 2)), _SUCCESS: '' });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer a token that nobody guesses' };
    const body = JSON.stringify({ dataset: 'digits', folder: 'told' });
    expect((await fetch(`${address}/events`, { method: 'POST', headers, body })).status).toBe(202);
    await settled('told');
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('taster_events_total 1');
    expect(await stop()).toBe(0);
  });

  it('finishes after Redis has lost everything', async () => {
    const { taster, settled } = service;
    service.upload('lost', digitShards());
    await taster('enqueue', 'digits', 'lost');
    await redis.restart({ empty: true });
    expect(await taster('reconcile')).toMatchObject({ exitCode: 0, stdout: 'queued digits lost\n' });
    service.startWorker();
    expect((await settled('lost')).held).toEqual(POISONED);
    expect((await taster('reconcile')).stdout).toBe('');
  });

  it('queues by itself what was sealed by somebody who got no further', async () => {
    service.upload('stranded', digitShards(SOUND.slice(0, 2)));
    await service.taster('enqueue', 'in/stranded');
    await redis.restart({ empty: true });
    service.startWorker();
    await service.settled('stranded');
  });

  it('holds a shard that cannot be read, and what only looks like a verdict, and releases the rest', async () => {
    const { at, taster, settled, decided } = service;
    service.upload('broken', digitShards(SOUND));
    writeFileSync(at('in/broken/images-9.parquet'), readFileSync(at('in/broken/images-1.parquet')).subarray(0, 500));
    writeFileSync(at('in/broken/verdict.json'), '{"a":1}\n');
    await taster('enqueue', 'digits', 'broken');
    service.startWorker();
    const { released, held } = await settled('broken');
    expect([released, held]).toEqual([SOUND, ['images-9.parquet', 'verdict.json']]);
    const { findings } = JSON.parse(decided('broken', 'decision.json').toString());
    expect(findings.map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject])).toEqual([
      ['integrity', 'images-9.parquet'],
      ['integrity', 'verdict.json'],
    ]);
  });

  it('holds a batch of which nothing can be read', async () => {
    const { taster, settled, decided } = service;
    service.upload('nonsense', { 'a.parquet': 'this is no table' });
    await taster('enqueue', 'digits', 'nonsense');
    service.startWorker();
    expect(await settled('nonsense')).toMatchObject({ released: [], held: ['a.parquet'] });
    expect(decided('nonsense', 'decision.json').toString()).toContain('Nothing of it could be judged');
  });

  it('does what reviewers say who have seen the decision that holds', async () => {
    const { at, taster, settled } = service;
    service.startWorker();
    const { decision } = service.verdict('monday');
    const [flipped = '', , noise = ''] = POISONED;
    const by = ['--by', 'ann', '--reason', 'looked at each image'];
    const stale = await taster('review', 'release', 'digits', 'monday', noise, '--decision', 'f'.repeat(64), ...by);
    expect(stale).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('decision changed') });
    const shown = await taster('review', 'show', 'digits', 'monday', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      decision,
      shards: POISONED.map((path) => ({ path, standing: 'held' })),
    });
    await taster('review', 'reject', 'digits', 'monday', flipped, '--decision', decision, ...by);
    expect(
      (await taster('review', 'release', 'digits', 'monday', noise, '--decision', decision.slice(0, 12), ...by))
        .exitCode,
    ).toBe(0);
    const second = await settled('monday', 2);
    expect(second).toMatchObject({
      decision,
      released: [...SOUND.slice(0, 4), noise, ...SOUND.slice(4)],
      held: POISONED.slice(0, 2),
    });
    expect(readFileSync(at('out/released/monday', noise))).toEqual(readFileSync(at('in/monday', noise)));
    const again = await taster('review', 'release', 'digits', 'monday', flipped, '--decision', decision, ...by);
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${flipped} is rejected`) });
    expect(JSON.parse(readFileSync(at('vault/batches/monday/records/000003.json'), 'utf8'))).toMatchObject({
      action: 'reject',
      decision,
      shards: [flipped],
      reviewer: 'ann',
    });
    const audited = await taster('audit', 'verify', 'vault/audit', '--json');
    const events = (JSON.parse(audited.stdout) as AuditEntry[]).filter(({ batch }) => batch?.name === 'monday');
    const said = events.filter(({ event }) => event !== 'settled').map(({ event, by }) => `${event} ${by}`);
    expect(said).toEqual(['decision null', 'review ann', 'review ann']);
  });

  it('releases the rest of a shard without the rows that are to be withheld', async () => {
    const { at, taster, settled } = service;
    service.startWorker();
    const { decision } = service.verdict('monday');
    const flipped = 'images-5.parquet';
    const by = ['--decision', decision, '--by', 'ann', '--reason', 'the rest is sound'];
    await taster('review', 'release', 'digits', 'monday', flipped, '--without-rows', ...by);
    const third = await settled('monday', 3);
    expect(third.held).toContain(flipped);
    const split = ['--split', 'split', '--backend', 'wasm', '--quiet'];
    await taster('scan', 'in/monday', '--baseline', 'trusted.taster', ...split);
    const clean = readFileSync(at('split/clean', `${flipped}.parquet`));
    const rest = `${flipped}.clean.${sha256Of(clean)}.parquet`;
    expect(third.released).toContain(rest);
    expect(readFileSync(at('out/released/monday', rest)).equals(clean)).toBe(true);
  });
});
