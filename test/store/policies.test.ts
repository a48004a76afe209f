import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { appendEntry } from '../../src/audit/index.js';
import { type Role, roles } from '../../src/permissions/index.js';
import type { ObjectStore } from '../../src/store/index.js';
import { openS3Store } from '../../src/store/s3/s3-store.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { rootsIn } from '../e2e/service.js';
import { temporaryFolder } from '../temporary-folder.js';
import { bucketPolicy, type Said, userOf } from './bucket-policy.js';

const denied = { code: 'ACCESS_DENIED' };
const BUCKET = 'lake';
const AUDIT_BUCKET = 'kept';
const ROOT = `s3://${BUCKET}`;
const text = Buffer.from('rows');
const sha256 = createHash('sha256').update(text).digest('hex');

const CHECKPOINTS = `s3://${AUDIT_BUCKET}/checkpoints`;

let s3: RunningS3;
let auditor: Readonly<Record<string, string>>;
const stores = new Map<Role, ObjectStore>();
const as = (role: Role) => stores.get(role) as ObjectStore;

const at = temporaryFolder();
const documented = (name: string) => readFileSync(new URL(`../../docs/policies/${name}`, import.meta.url), 'utf8');

/** What the command says of a role, as statements of a bucket policy. */
async function statementsOf(role: Role): Promise<(readonly [Role, Said])[]> {
  writeFileSync(at('config.json'), documented('taster.config.json').replaceAll('BUCKET', BUCKET));
  const { stdout } = await taster(
    'policy',
    'iam',
    '--config',
    at('config.json'),
    '--role',
    role,
    '--checkpoints',
    CHECKPOINTS,
  );
  const { Statement } = JSON.parse(stdout) as { Statement: (Said & { Sid: string })[] };
  return Statement.map(({ Sid: _, ...statement }) => [role, statement] as const);
}

beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket(BUCKET);
  await s3.createBucket(AUDIT_BUCKET);
  for (const role of roles) {
    const variables = await s3.addUser(userOf(role));
    if (role === 'auditor') auditor = variables;
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const store = await openS3Store();
    // Who one is is settled by the first request.
    await expect(store.find(ROOT, 'anything')).rejects.toMatchObject(denied);
    stores.set(role, store);
  }
  vi.unstubAllEnvs();
  const statements = (await Promise.all(roles.map(statementsOf))).flat();
  for (const Bucket of [BUCKET, AUDIT_BUCKET]) {
    await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy: bucketPolicy(Bucket, statements) }));
  }
  const keys = [
    'incoming/b/a.csv',
    'released/b/a.csv',
    'quarantine/b/a.csv',
    'vault/batches/b/seal.json',
    'trusted/digits.taster',
    'vault/ledger/one.json',
  ];
  for (const Key of keys) await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: text }));
}, S3_START_MS);
afterAll(() => s3?.stop());

const arnOf = (role: string) => `arn:aws:iam::111122223333:role/${role}`;

const prefixes = ['incoming', 'released', 'quarantine', 'vault', 'trusted'];

describe('the documented permissions', () => {
  it.each(roles)('of a %s are what the command says', async (role) => {
    const config = new URL('../../docs/policies/taster.config.json', import.meta.url).pathname;
    const { stdout } = await taster(
      'policy',
      'iam',
      '--config',
      config,
      '--role',
      role,
      '--checkpoints',
      's3://AUDIT/checkpoints',
    );
    expect(JSON.parse(documented(`${role}.json`))).toEqual(JSON.parse(stdout));
  });

  it('of a bucket in place are what the command says', async () => {
    const config = new URL('../../docs/policies/in-place.config.json', import.meta.url).pathname;
    const people = ['trainer', 'worker', 'recaller'].flatMap((role) => [`--${role}`, arnOf(role)]);
    const { stdout } = await taster('policy', 'bucket', '--config', config, ...people);
    expect(JSON.parse(documented('bucket.json'))).toEqual(JSON.parse(stdout));
  });

  it('of a bucket are printed for one that holds a dataset in place, and for users and roles', async () => {
    const config = documented('in-place.config.json').replaceAll('BUCKET', BUCKET);
    const { digits } = JSON.parse(config).datasets;
    const moved = rootsIn('pond');
    const write = (datasets: object) => writeFileSync(at('several.json'), JSON.stringify({ datasets }));
    const people = ['--trainer', arnOf('trainer'), '--worker', arnOf('worker')];
    const ask = (...more: string[]) => taster('policy', 'bucket', '--config', at('several.json'), ...more);
    write({ digits, letters: { ...digits, ...moved } });
    expect((await ask(...people)).stderr).toContain('--bucket has to name one of lake, pond');
    const { stdout } = await ask(...people, '--bucket', 'pond');
    expect(JSON.parse(stdout).Statement.map(({ Resource }: Said) => Resource)).toEqual(
      Array(2).fill(['arn:aws:s3:::pond/incoming/*']),
    );
    expect((await ask(...people, '--bucket', 'sea')).exitCode).toBe(2);
    expect((await ask('--trainer', arnOf('trainer'))).stderr).toContain('--worker');
    expect((await ask(...people, '--recaller', 'ann')).stderr).toContain('the ARN of a user or role');
    write({ letters: { ...digits, placement: 'copy' } });
    expect((await ask(...people)).stderr).toContain('no dataset has placement in-place');
  });

  it.each([
    ['uploader', []],
    ['worker', prefixes],
    ['reviewer', ['quarantine', 'vault']],
    ['operator', prefixes],
    ['approver', ['released', 'quarantine', 'vault', 'trusted']],
    ['recaller', ['incoming', 'released', 'quarantine', 'vault']],
    ['trainer', ['released']],
    ['scanner', ['incoming', 'trusted']],
    ['auditor', []],
  ] as const)('let a %s read %j and nothing else', async (role, readable) => {
    for (const prefix of prefixes) {
      const path = prefix === 'vault' ? 'batches/b/seal.json' : prefix === 'trusted' ? 'digits.taster' : 'b/a.csv';
      const reading = as(role).read(`${ROOT}/${prefix}/${path}`);
      if ((readable as readonly string[]).includes(prefix)) expect(Buffer.from(await reading)).toEqual(text);
      else await expect(reading).rejects.toMatchObject(denied);
    }
  });

  it('let an auditor publish signed checkpoints of the audit log, each once, and read them', async () => {
    const act = { event: 'decision', dataset: 'digits', batch: null, by: null, facts: {} } as const;
    await appendEntry(as('worker'), `${ROOT}/vault/audit`, act);
    const key = keyPair();
    writeFileSync(at('auditor.pem'), privatePem(key.own));
    const verifiers = [{ name: 'auditor', key: publicPem(key.open), datasets: ['digits'] }];
    writeFileSync(at('trust.json'), JSON.stringify({ version: 1, senders: [], verifiers }));
    for (const [name, value] of Object.entries(auditor)) vi.stubEnv(name, value);
    const published = `${CHECKPOINTS}/monday.json`;
    const publish = (out: string) =>
      taster('audit', 'checkpoint', `${ROOT}/vault/audit`, '--key', at('auditor.pem'), '--out', out);
    expect(await publish(published)).toMatchObject({
      exitCode: 0,
      stderr: `taster: ${published}: 1 entries up to now\n`,
    });
    const first = await as('auditor').read(published);
    expect(await publish(published)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/monday\.json: exists already, and a checkpoint is never written over\n.*--out/),
    });
    expect(await as('auditor').read(published)).toEqual(first);
    expect(await publish(`${CHECKPOINTS}/`)).toMatchObject({ exitCode: 2 });
    expect(await publish(`${ROOT}/vault/audit/monday.json`)).toMatchObject({ exitCode: 3 });
    const log = ['audit', 'verify', `${ROOT}/vault/audit`, '--trust', at('trust.json')];
    expect(await taster(...log, '--checkpoint', published)).toMatchObject({ exitCode: 0 });
    vi.unstubAllEnvs();
    for (const role of roles) {
      await expect(as(role).remove(published)).rejects.toMatchObject(denied);
      if (role !== 'auditor') await expect(as(role).create(CHECKPOINTS, role, text)).rejects.toMatchObject(denied);
    }
  });

  it.each([
    ['uploader', ['incoming']],
    ['worker', ['released', 'quarantine', 'vault']],
    ['reviewer', ['vault/batches/b/records', 'vault/audit']],
    ['operator', ['vault/batches/b', 'vault/audit', 'vault/plans', 'vault/versions']],
    ['approver', ['vault/audit', 'vault/plans', 'vault/versions', 'vault/candidates', 'vault/promotions']],
    [
      'recaller',
      ['quarantine', 'vault/batches/b/records', 'vault/batches/b/verdicts', 'vault/audit', 'vault/incidents'],
    ],
    ['trainer', []],
    ['scanner', ['vault/ledger']],
    ['auditor', []],
  ] as const)('let a %s write below %j and nowhere else', async (role, writable) => {
    const parts = [
      'batches/b/records',
      'batches/b/verdicts',
      'audit',
      'incidents',
      'plans',
      'ledger',
      'versions',
      'candidates',
      'promotions',
    ];
    for (const prefix of [...prefixes, ...parts.map((part) => `vault/${part}`)]) {
      const writing = as(role).create(`${ROOT}/${prefix}`, `new-${role}`, text);
      const isAllowed = (writable as readonly string[]).some((one) => prefix === one || prefix.startsWith(`${one}/`));
      if (isAllowed) expect(await writing).toBe(true);
      else await expect(writing).rejects.toMatchObject(denied);
    }
  });

  it('let a worker see whether the bucket keeps versions, and nobody else', async () => {
    for (const role of roles) {
      const asked = as(role).keepsVersions(`${ROOT}/incoming`);
      if (role === 'worker') expect(await asked).toBe(true);
      else await expect(asked).rejects.toMatchObject(denied);
    }
  });

  it('let a trainer list what is released, by its versions, and nothing else', async () => {
    expect((await as('trainer').list(`${ROOT}/released/b`)).map(({ path }) => path)).toEqual(['a.csv']);
    for (const prefix of ['', '/incoming', '/quarantine', '/vault', '/trusted']) {
      await expect(as('trainer').list(`${ROOT}${prefix}`)).rejects.toMatchObject(denied);
    }
  });

  it('let a worker release and quarantine a judged version, tag it and remove the original, but no evidence', async () => {
    const [shard] = await as('worker').list(`${ROOT}/incoming/b`);
    expect(shard?.version).not.toMatch(/^"/);
    const tags = { 'taster-verdict': 'quarantined' };
    expect(await as('worker').copy(shard!, `${ROOT}/released`, 'b/copy.csv', sha256)).toBe(true);
    expect(await as('worker').copy(shard!, `${ROOT}/quarantine`, 'b/copy.csv', sha256, tags)).toBe(true);
    const [copy] = await as('worker').list(`${ROOT}/released/b`);
    await as('worker').tag(copy!.uri, copy!.version, { 'taster-verdict': 'released' });
    await expect(as('worker').tag(shard!.uri, shard!.version, { a: 'b' })).rejects.toMatchObject(denied);
    await as('worker').remove(shard!.uri, shard!.version);
    expect(await as('worker').find(`${ROOT}/incoming`, 'b/a.csv')).toBeUndefined();
    for (const kept of ['released/b/copy.csv', 'quarantine/b/copy.csv', 'vault/batches/b/seal.json']) {
      await expect(as('worker').remove(`${ROOT}/${kept}`)).rejects.toMatchObject(denied);
    }
  });

  it('let a worker remove what it has assessed and fitted, and nothing else of the vault', async () => {
    for (const folder of ['vault/results/one', 'vault/fits/one']) {
      await as('worker').create(`${ROOT}/${folder}`, 'a', text);
      await as('worker').clear(`${ROOT}/${folder}`);
      expect(await as('worker').find(`${ROOT}/${folder}`, 'a')).toBeUndefined();
    }
    await expect(as('worker').clear(`${ROOT}/vault/batches/b`)).rejects.toMatchObject(denied);
  });

  it('let nobody else remove anything', async () => {
    for (const role of roles.filter((one) => one !== 'worker')) {
      for (const key of ['released/b/a.csv', 'quarantine/b/a.csv', 'trusted/digits.taster']) {
        if (role === 'recaller' && key.startsWith('released')) continue;
        await expect(as(role).remove(`${ROOT}/${key}`)).rejects.toMatchObject(denied);
      }
    }
  });

  it('let a recaller supersede a verdict and take shards out of what is released, but no verdict', async () => {
    await as('worker').create(`${ROOT}/released`, 'r/verdict.json', text);
    await as('worker').create(`${ROOT}/released`, 'r/a.csv', text);
    expect(await as('recaller').create(`${ROOT}/released`, 'r/_verdict-2.json', text)).toBe(true);
    for (const name of ['verdict.json', 'a.csv', 'b.csv']) {
      await expect(as('recaller').create(`${ROOT}/released/r`, name, text)).rejects.toMatchObject(denied);
    }
    const shard = await as('recaller').find(`${ROOT}/released`, 'r/a.csv');
    const tags = { 'taster-verdict': 'quarantined' };
    expect(await as('recaller').copy(shard!, `${ROOT}/quarantine`, 'r/a.csv', sha256, tags)).toBe(true);
    for (const name of ['verdict.json', '_verdict-2.json']) {
      const verdict = await as('recaller').find(`${ROOT}/released`, `r/${name}`);
      await expect(as('recaller').remove(verdict!.uri, verdict!.version)).rejects.toMatchObject(denied);
      await expect(as('recaller').remove(verdict!.uri)).rejects.toMatchObject(denied);
    }
    await as('recaller').remove(shard!.uri, shard!.version);
    expect(await as('recaller').find(`${ROOT}/released`, 'r/a.csv')).toBeUndefined();
    await expect(as('recaller').remove(`${ROOT}/quarantine/r/a.csv`)).rejects.toMatchObject(denied);
  });

  it.each([
    [[], '--role auditor: say with --checkpoints where checkpoints are published'],
    [['--checkpoints', `${ROOT}/vault/checkpoints/`], `may not lie in ${ROOT}/vault, nor around it`],
    [['--checkpoints', ROOT], `may not lie in ${ROOT}/incoming, nor around it`],
    [['--checkpoints', './checkpoints'], 'It must be a prefix in S3'],
  ])('let an auditor publish nowhere else: %j', async (where, problem) => {
    const { exitCode, stderr } = await taster(
      'policy',
      'iam',
      '--config',
      at('config.json'),
      '--role',
      'auditor',
      ...where,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(problem) });
  });

  it('let no one in who has no part', async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
      await s3.addUser('nobody');
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    const put = new PutObjectCommand({ Bucket: BUCKET, Key: 'incoming/x', Body: text });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
