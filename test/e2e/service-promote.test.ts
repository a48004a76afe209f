import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { entryName } from '../../src/audit/entry.js';
import { readLog } from '../../src/audit/index.js';
import type { Candidate, VerdictStatement } from '../../src/schema/index.js';
import { anyStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { bindRoles, LONG_MS, makeTabularService, rootsIn, type TestService } from './service.js';

const BUCKET = 'lake';
const ROOT = `s3://${BUCKET}`;
const ROLES = ['worker', 'operator', 'approver', 'recaller'] as const;

const inFolder = temporaryFolder();
const users = new Map<(typeof ROLES)[number], Readonly<Record<string, string>>>();
let redis: RedisServer;
let s3: RunningS3;
let service: TestService;

/** Whose credentials the commands from now on have: what the command says that the role needs, and no more. */
function become(role: (typeof ROLES)[number]): void {
  for (const [name, value] of Object.entries(users.get(role) ?? {})) vi.stubEnv(name, value);
}

beforeAll(async () => {
  for (const name of ['ann', 'bob', 'eve', 'acme', 'beta', 'scanner']) {
    const { own, open } = keyPair();
    writeFileSync(inFolder(`${name}.pem`), privatePem(own));
    writeFileSync(inFolder(`${name}.pub.pem`), publicPem(open));
  }
  const entry = (name: string) => ({ name, key: `${name}.pub.pem`, datasets: ['digits'] });
  const trust = {
    version: 1,
    senders: ['acme', 'beta'].map(entry),
    verifiers: [entry('scanner')],
    approvers: ['ann', 'bob'].map((name) => ({ ...entry(name), kinds: ['baseline'] })),
    requireApproval: { baseline: { signatures: 2 } },
  };
  writeFileSync(inFolder('trust.json'), JSON.stringify(trust));
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  for (const role of ROLES) users.set(role, await s3.addUser(role));
  const dataset = { ...rootsIn(BUCKET), trust: '../trust.json', sign: '../scanner.pem' };
  service = await makeTabularService(inFolder, redis, { dataset });
  const first = ['--kind', 'baseline', '--dataset', 'digits', '--as', '1'];
  await service.taster('sign', 'trusted.taster', ...first, '--key', '../ann.pem');
  await service.taster('sign', 'trusted.taster', '--key', '../bob.pem');
  await bindRoles(s3, BUCKET, service, ROLES);
  become('worker');
  service.startWorker();
}, S3_START_MS);
afterAll(async () => {
  await service?.stopWorkers();
  vi.unstubAllEnvs();
  await Promise.all([redis?.stop(), s3?.stop()]);
});

type Facts = VerdictStatement['predicate'];

/** Waits for the verdict on a batch of that number. */
async function verdictOn(batch: string): Promise<Facts> {
  const uri = `${ROOT}/released/${batch}/verdict.json`;
  for (const end = Date.now() + 90_000; Date.now() < end; await sleep(50)) {
    if ((await anyStore.find(`${ROOT}/released/${batch}`, 'verdict.json')) === undefined) continue;
    const { batches } = JSON.parse((await service.taster('status', '--json')).stdout);
    const { state } = batches.find(({ batch: name }: { batch: string }) => name === batch) ?? {};
    if (state !== 'settled') continue;
    const { payload } = JSON.parse(Buffer.from(await anyStore.read(uri)).toString());
    return JSON.parse(Buffer.from(payload, 'base64').toString()).predicate;
  }
  throw new Error(`waited in vain for ${uri}`);
}

/** Signed and uploaded by somebody, the manifest last, which says that all is there, and judged: the verdict on it. */
async function deliver(batch: string, sender: string, files: Readonly<Record<string, string>>): Promise<Facts> {
  const folder = inFolder('sent', batch);
  await writeFiles(folder, files);
  const signed = ['--dataset', 'digits', '--key', `../${sender}.pem`];
  expect(await service.taster('manifest', 'create', folder, ...signed)).toMatchObject({ exitCode: 0 });
  for (const name of [...Object.keys(files), '_manifest.json']) {
    await s3.putObject(BUCKET, `incoming/${batch}/${name}`, await anyStore.read(`${folder}/${name}`));
  }
  become('worker');
  return verdictOn(batch);
}

const promote = (...more: string[]) => service.taster('baseline', 'promote', 'digits', ...more);
const approve = ({ sha256 }: Candidate, name: string) =>
  promote('--candidate', sha256, '--key', `../${name}.pem`, '--reason', 'looked through');

async function propose(...more: string[]): Promise<Candidate> {
  const proposed = await promote('--by', 'cleo', '--json', ...more);
  expect(proposed).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(proposed.stdout);
}

/** What a command comes to while somebody who may write to all of the bucket has put another content there. */
async function whileChanged<Told>(
  path: string,
  change: (text: string) => string,
  run: () => Promise<Told>,
): Promise<Told> {
  const content = await anyStore.read(`${ROOT}/${path}`);
  await s3.putObject(BUCKET, path, Buffer.from(change(Buffer.from(content).toString('latin1')), 'latin1'));
  try {
    return await run();
  } finally {
    await s3.putObject(BUCKET, path, content);
  }
}

const refused = (said: string) => ({ exitCode: 2, stdout: '', stderr: expect.stringContaining(said) });

describe('what the service has released and its next baseline is made of', () => {
  let first: string;
  let candidate: Candidate;

  it(
    'is put forward with no signer over its share and nothing that was held, and compared with the first baseline',
    async () => {
      const monday = await deliver('monday', 'acme', { 'a.csv': tabularCsv('a', 300), 'b.csv': tabularCsv('b', 300) });
      const tuesday = { 'c.csv': tabularCsv('c', 300), 'bad.csv': tabularCsv('bad', 300, 0.4) };
      const { shards } = await deliver('tuesday', 'beta', tuesday);
      expect(shards.map(({ name, released }) => `${name} ${released}`)).toEqual(['bad.csv false', 'c.csv true']);
      first = monday.rests.artefact ?? '';
      become('approver');
      expect(await promote('--from', 'monday')).toMatchObject(
        refused('no signer may stand behind more than 0.5 of its rows'),
      );
      candidate = await propose();
      expect(candidate).toMatchObject({
        ...{ number: 2, first, last: first, rows: 600 },
        shares: [
          { signer: 'acme', rows: 300, leftOut: 300 },
          { signer: 'beta', rows: 300, leftOut: 0 },
        ],
        batches: [
          { name: 'monday', shards: 2 },
          { name: 'tuesday', shards: 1 },
        ],
        comparisons: [
          { with: 'itself', verdict: 'release' },
          { with: 'last', baseline: first, verdict: 'release' },
        ],
      });
    },
    LONG_MS,
  );

  it(
    'judges nothing by the word of one approver, or of a stranger',
    async () => {
      expect(await approve(candidate, 'eve')).toMatchObject(refused('may not approve of baselines'));
      expect(await approve(candidate, 'acme')).toMatchObject(refused('may not approve of baselines'));
      expect(await approve(candidate, 'ann')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('takes 2'),
      });
      expect(await approve(candidate, 'ann')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('takes 2'),
      });
      const { rests } = await deliver('wednesday', 'beta', { 'd.csv': tabularCsv('d', 300) });
      expect(rests.artefact).toBe(first);
    },
    LONG_MS,
  );

  it(
    'is refused where somebody has changed what approvers are shown, or what was built',
    async () => {
      become('approver');
      const record = `vault/candidates/${candidate.sha256}/candidate.json`;
      const without = await whileChanged(
        record,
        (text) => text.replace('"name": "monday"', '"name": "tuesday"'),
        () => approve(candidate, 'bob'),
      );
      expect(without).toMatchObject(refused('is not what the audit log says was proposed'));
      const built = `vault/baselines/${candidate.sha256}.taster`;
      const damaged = await whileChanged(
        built,
        (text) => `${text.slice(0, -9)}x${text.slice(-8)}`,
        () => approve(candidate, 'bob'),
      );
      expect(damaged).toMatchObject(refused('damaged'));
      const swapped = Buffer.from(await anyStore.read(`${ROOT}/vault/baselines/${first}.taster`)).toString('latin1');
      const another = await whileChanged(
        built,
        () => swapped,
        () => approve(candidate, 'bob'),
      );
      expect(another).toMatchObject(refused(`holds the baseline ${first}`));
      const { entries } = await readLog(anyStore, `${ROOT}/vault/audit`);
      const { sequence = 0 } = entries.find(({ batch }) => batch?.name === 'tuesday') ?? {};
      const entry = `vault/audit/${entryName(sequence)}`;
      const rewritten = await whileChanged(
        entry,
        (text) => text.replace('"tuesday"', '"friday"'),
        () => approve(candidate, 'bob'),
      );
      expect(rewritten).toMatchObject(refused('audit log'));
    },
    LONG_MS,
  );

  it(
    'judges the next batch once as many have approved as the policy asks for',
    async () => {
      become('approver');
      const second = await approve(candidate, 'bob');
      expect(second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('approved by ann, bob') });
      const { rests, shards } = await deliver('thursday', 'acme', { 'e.csv': tabularCsv('e', 300) });
      expect(rests.artefact).toBe(candidate.sha256);
      expect(shards).toMatchObject([{ released: true }]);
      become('approver');
      expect(await approve(candidate, 'bob')).toMatchObject(refused('by now'));
    },
    LONG_MS,
  );

  it(
    'judges nothing by a promotion whose signatures somebody has changed',
    async () => {
      const path = 'vault/promotions/000002/approval.json';
      const fewer = (text: string) => {
        const envelope = JSON.parse(text);
        return JSON.stringify({ ...envelope, signatures: envelope.signatures.slice(1) });
      };
      await s3.putObject(BUCKET, 'incoming/later/f.csv', Buffer.from(tabularCsv('f', 300)));
      become('operator');
      const queued = await whileChanged(path, fewer, () => service.taster('enqueue', 'digits', 'later'));
      expect(queued).toMatchObject(refused('it takes signatures of 2 keys'));
    },
    LONG_MS,
  );

  it(
    'is compared with the first as well the next time, and refused where one of its batches was recalled since',
    async () => {
      become('approver');
      const next = await propose('--from', 'tuesday', 'thursday');
      expect(next).toMatchObject({ number: 3, first, last: candidate.sha256 });
      expect(next.comparisons.map(({ with: name, baseline }) => `${name} ${baseline}`)).toEqual([
        'itself null',
        `last ${candidate.sha256}`,
        `first ${first}`,
      ]);
      expect(await approve(next, 'ann')).toMatchObject({ exitCode: 0 });
      become('recaller');
      const list = ['--config', 'taster.config.json', '--status', 'status.json', '--key', '../scanner.pem'];
      const recalled = await service.taster('recall', ...list, '--batch', 'thursday', '--reason', 'planted');
      expect(recalled).toMatchObject({ exitCode: 0 });
      become('approver');
      expect(await approve(next, 'bob')).toMatchObject(refused('batch thursday, which it is made of, was recalled'));
      expect(await promote('--from', 'thursday')).toMatchObject(refused('no released shard is there to learn from'));
      const audited = await service.taster('audit', 'verify', `${ROOT}/vault/audit`, '--json');
      expect(audited.exitCode).toBe(0);
      const steps = (JSON.parse(audited.stdout) as { event: string; by: string; facts: { step: string } }[])
        .filter(({ event }) => event === 'promotion')
        .map(({ by, facts }) => `${facts.step} ${by}`);
      const approved = ['approved ann', 'approved ann', 'approved bob', 'promoted null'];
      expect(steps).toEqual(['proposed cleo', ...approved, 'proposed cleo', 'approved ann']);
    },
    LONG_MS,
  );
});
