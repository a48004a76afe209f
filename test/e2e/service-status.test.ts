import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService } from './service.js';

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  service = await makeTabularService(inFolder, redis, { worker: { attempts: 2 } });
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

describe('status --watch', () => {
  it('waits for a batch where none is sealed yet, and ends once it is settled', async () => {
    const { at, taster } = service;
    expect(await taster('status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('No batch is sealed'),
    });
    const watched = taster('status', '--watch');
    service.startWorker();
    service.upload('first', { 'a.csv': tabularCsv('a', 120) });
    // A file in place of a folder is no batch.
    writeFileSync(at('in/one.csv'), tabularCsv('a', 120));
    for (const given of [['digits', 'one.csv'], ['in/one.csv']]) {
      expect(await taster('enqueue', ...given)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('batch one.csv: is a file: put it into a folder below'),
      });
    }
    for (const given of ['s3://lake/elsewhere/x', 'elsewhere/x']) {
      expect(await taster('enqueue', given)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`${given} lies below no incoming prefix: there are ${at('in')}`),
      });
    }
    await taster('enqueue', 'digits', 'first');
    const { exitCode, stdout } = await watched;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^No batch is sealed yet\.\n/);
    expect(stdout).toContain('settled  digits first: 1 shard, 1 released');
    expect(stdout).not.toContain('one.csv');
  });

  it('ends when what is left has failed for good, says why, and sees it settled once it is mended', async () => {
    const { at, taster } = service;
    const shards = { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 120) };
    service.upload('sound', shards);
    service.upload('taken', shards);
    mkdirSync(at('out/released/taken'), { recursive: true });
    writeFileSync(at('out/released/taken/a.csv'), 'somebody else was here');
    for (const batch of ['sound', 'taken']) await taster('enqueue', 'digits', batch);
    service.startWorker();
    const watched = await taster('status', '--watch');
    expect(watched).toMatchObject({
      exitCode: 3,
      stderr:
        'taster: of the batches 1 failed, however often they were tried: digits taken\n' +
        'Mend what `taster status` says of them, then run `taster reconcile`.\n',
    });
    const told = await taster('status');
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toContain('settled  digits sound: 2 shards, 2 released, 0 held, 0 rejected\n');
    expect(told.stdout).toMatch(
      /^failed {3}digits taken: 2 shards.*\n +putting its shards where they belong has failed: .*a\.csv: holds something else/m,
    );
    rmSync(at('out/released/taken/a.csv'));
    expect((await taster('reconcile')).stdout).toBe('queued digits taken\n');
    expect((await taster('status', '--watch')).exitCode).toBe(0);
    expect(service.verdict('taken').released).toEqual(['a.csv', 'b.csv']);
  });

  it('tells of a decision that could not be made', async () => {
    const { at, taster } = service;
    service.upload('undecided', { 'a.csv': tabularCsv('a', 120) });
    await taster('enqueue', 'digits', 'undecided');
    // Where reports of the decision belong nothing can be written.
    writeFileSync(at('vault/batches/undecided/decisions'), '');
    service.startWorker();
    expect(await taster('status', '--watch')).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('failed   digits undecided: 1 shard\n         deciding on it has failed: '),
    });
    const { batches } = JSON.parse((await taster('status', '--json')).stdout);
    expect(batches).toContainEqual(
      expect.objectContaining({
        batch: 'undecided',
        state: 'failed',
        failure: { stage: 'decide', reason: expect.stringContaining('writing failed') },
      }),
    );
    rmSync(at('vault/batches/undecided/decisions'));
    await taster('reconcile');
    expect((await taster('status', '--watch')).exitCode).toBe(0);
  });
});
