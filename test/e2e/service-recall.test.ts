import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { anyStore, sha256Of } from '../../src/store/index.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { bindRoles, digitShards, LONG_MS, makeService, rootsIn, type TestService } from './service.js';

const SOUND = ['images-1', 'images-3', 'images-4', 'images-6', 'images-8'].map((name) => `${name}.parquet`);
/** Named once it is made: by its digest. */
let cleaned: string;
const BUCKET = 'lake';
const ROOT = `s3://${BUCKET}`;
const ROLES = ['worker', 'reviewer', 'recaller'] as const;

const inFolder = temporaryFolder();
const users = new Map<(typeof ROLES)[number], Readonly<Record<string, string>>>();
let redis: RedisServer;
let s3: RunningS3;
let service: TestService;

/** Whose credentials the commands from now on have: what the command says that the role needs, and no more. */
function become(role: (typeof ROLES)[number]): void {
  for (const [name, value] of Object.entries(users.get(role) ?? {})) vi.stubEnv(name, value);
}

vi.setConfig({ testTimeout: LONG_MS });

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  for (const role of ROLES) users.set(role, await s3.addUser(role));
  const { own, open } = keyPair();
  writeFileSync(inFolder('scanner.pem'), privatePem(own));
  const verifiers = [{ name: 'scanner', key: publicPem(open), datasets: ['*'] }];
  writeFileSync(inFolder('trust.json'), JSON.stringify({ version: 1, verifiers, requireStatus: false }));
  const dataset = { ...rootsIn(BUCKET), keepOriginals: false, sign: '../scanner.pem' };
  service = await makeService(inFolder('service'), redis, { dataset });
  await bindRoles(s3, BUCKET, service, ROLES);
}, S3_START_MS);
afterAll(async () => {
  await service?.stopWorkers();
  vi.unstubAllEnvs();
  await Promise.all([redis?.stop(), s3?.stop()]);
});

/** Waits until the store holds an object. */
async function until(path: string): Promise<void> {
  for (const end = Date.now() + 90_000; (await anyStore.find(ROOT, path)) === undefined; await sleep(50)) {
    if (Date.now() > end) throw new Error(`waited in vain for ${path}`);
  }
}

const below = async (prefix: string) =>
  (await anyStore.list(`${ROOT}/${prefix}/monday`)).map(({ path }) => path).sort();

async function settled(): Promise<Record<string, unknown>> {
  for (;;) {
    const { batches } = JSON.parse((await service.taster('status', '--json')).stdout);
    if (batches[0]?.state === 'settled') return batches[0];
  }
}

const gate = (...more: string[]) =>
  service.taster('gate', `${ROOT}/released/monday`, '--trust', '../trust.json', ...more);
const recall = (...more: string[]) => {
  const list = ['--status', 'status.json', '--key', '../scanner.pem'];
  return service.taster('recall', '--config', 'taster.config.json', ...list, ...more);
};

const READ = { dataset: 'digits', batch: 'monday', consumer: 'model 7' };

describe('what the service has released and turns out bad', () => {
  const files = digitShards();

  it('is read by training, with the rest of a shard that a person has released', async () => {
    for (const [name, content] of Object.entries(files)) {
      await s3.putObject(BUCKET, `incoming/monday/${name}`, content as Uint8Array);
    }
    become('worker');
    expect(await service.taster('enqueue', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
    service.startWorker();
    await until('released/monday/verdict.json');
    become('reviewer');
    const [{ decision }] = JSON.parse((await service.taster('review', 'list', '--json')).stdout);
    const said = ['--decision', decision, '--by', 'ann', '--reason', 'the rest is sound', '--without-rows'];
    const reviewed = await service.taster('review', 'release', 'digits', 'monday', 'images-7.parquet', ...said);
    expect(reviewed).toMatchObject({ exitCode: 0, stderr: '' });
    become('worker');
    await until('released/monday/_verdict-2.json');
    await settled();
    expect(await gate('--consumer', 'model 7', '--audit', 'passes')).toMatchObject({ exitCode: 0 });
    cleaned = (await below('released')).find((path) => path.startsWith('images-7.parquet.clean.')) as string;
    expect(await below('released')).toEqual([...SOUND, cleaned, 'verdict.json'].sort());
  });

  it('is told by a dry run, which writes nothing', async () => {
    become('recaller');
    const before = [await below('released'), await below('quarantine'), await anyStore.list(`${ROOT}/vault`)];
    const told = await recall('--batch', 'monday', '--audit', 'passes', '--dry-run', '--json');
    expect(told).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('dry run') });
    const { recalled, moved, consumers } = JSON.parse(told.stdout);
    const pathsOf = ({ released }: { released: { path: string }[] }) => released.map(({ path }) => path);
    expect(recalled.map(pathsOf)).toEqual([SOUND, [...SOUND, cleaned].sort()]);
    expect([moved, consumers]).toMatchObject([[], [READ]]);
    expect([await below('released'), await below('quarantine'), await anyStore.list(`${ROOT}/vault`)]).toEqual(before);
    expect(await anyStore.find(service.at(), 'status.json')).toBeUndefined();
    expect(await recall('--reason', 'all of it')).toMatchObject({ exitCode: 2 });
  });

  it('is taken back into quarantine, with no more rights than recalling needs', async () => {
    const said = ['--batch', 'monday', '--by', 'ben', '--reason', 'planted', '--json', '--audit', 'passes'];
    // Two people at the same moment, as it happens in an incident.
    const [recalled, other] = await Promise.all([recall(...said), recall(...said)]);
    expect([recalled, other]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    expect(JSON.parse(other.stdout).moved).toEqual(JSON.parse(recalled.stdout).moved);
    const incident = JSON.parse(recalled.stdout);
    expect(incident).toMatchObject({ reason: 'planted', by: 'ben', consumers: [READ], lastGood: null });
    const told = [recalled, other].map(({ stdout }) => `${sha256Of(stdout)}.json`);
    expect((await anyStore.list(`${ROOT}/vault/incidents`)).map(({ path }) => path)).toEqual(told.sort());
    expect(incident.moved.map(({ path, state }: Record<string, string>) => `${state} ${path}`).sort()).toEqual(
      [...SOUND, 'images-7.parquet', cleaned].map((path) => `quarantined ${path}`).sort(),
    );
    expect(await below('released')).toEqual(['verdict.json']);
    const { sha256 } = incident.moved.find(({ path }: { path: string }) => path === cleaned);
    expect(cleaned).toBe(`images-7.parquet.clean.${sha256}.parquet`);
    expect(await below('quarantine')).toEqual([...Object.keys(files), cleaned].sort());
    for (const [name, content] of Object.entries(files)) {
      expect(Buffer.compare(await anyStore.read(`${ROOT}/quarantine/monday/${name}`), content as Buffer)).toBe(0);
    }
    // Whoever has no list is refused by what lies there, and whoever has it by the list, whatever lies there.
    become('worker');
    expect(await gate()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('releases no shard') });
    const listed = await gate('--status', 'status.json');
    expect(listed).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(': planted') });
  });

  it('stays there when it is judged again, and the log tells of all of it', async () => {
    become('worker');
    writeFileSync(service.at('policy.json'), JSON.stringify({ tolerance: 0.2 }));
    const config = JSON.parse(Buffer.from(await anyStore.read(service.at('taster.config.json'))).toString());
    config.datasets.digits.policy = 'policy.json';
    writeFileSync(service.at('taster.config.json'), JSON.stringify(config));
    await service.stopWorkers();
    service.startWorker();
    expect(await service.taster('rescan', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
    await until('vault/batches/monday/records/000009.json');
    expect(await settled()).toMatchObject({ released: 0, held: 0, recalled: 8 });
    expect(await below('released')).toEqual(['verdict.json']);
    expect(await gate()).toMatchObject({ exitCode: 1 });
    const verified = await service.taster('audit', 'verify', `${ROOT}/vault/audit`);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('recall  digits/monday  by ben') });
    become('recaller');
    const again = await recall('--batch', 'monday', '--reason', 'planted', '--json');
    expect(JSON.parse(again.stdout).judgedAgain).toMatchObject([{ batch: 'monday' }]);
    expect(again.exitCode).toBe(0);
  });

  it('waits for a review where the recall is lifted, and is released by that alone', async () => {
    become('recaller');
    const said = ['--batch', 'monday', '--by', 'ben', '--reason', 'it was tuesday', '--json'];
    const lifted = await recall('--lift', ...said);
    expect(lifted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(lifted.stdout)).toMatchObject({ lifted: [{ batch: 'monday' }], failed: [] });
    become('worker');
    expect(await settled()).toMatchObject({ released: 0, held: 8, recalled: 0 });
    expect(await below('released')).toEqual(['verdict.json']);
    expect(await gate('--status', 'status.json')).toMatchObject({ exitCode: 1 });
    become('reviewer');
    const [{ decision }] = JSON.parse((await service.taster('review', 'list', '--json')).stdout);
    const why = ['--decision', decision, '--by', 'ann', '--reason', 'sound after all'];
    const reviewed = await service.taster('review', 'release', 'digits', 'monday', SOUND[0] as string, ...why);
    expect(reviewed).toMatchObject({ exitCode: 0, stderr: '' });
    become('worker');
    await until(`released/monday/${SOUND[0]}`);
    expect(await settled()).toMatchObject({ released: 1, held: 7 });
    expect(await gate('--status', 'status.json')).toMatchObject({ exitCode: 0 });
    const verified = await service.taster('audit', 'verify', `${ROOT}/vault/audit`);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('lift  digits/monday  by ben') });
  });
});
