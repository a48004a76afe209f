import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import {
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { checkRoots } from '../../src/checkup/roots.js';
import type { Dataset } from '../../src/config/index.js';
import type { Diagnosis } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { bucketPolicy, type Said, userOf } from '../store/bucket-policy.js';
import { temporaryFolder } from '../temporary-folder.js';
import { run } from './command.js';

const OTHERS = ['uploader', 'reviewer', 'operator', 'approver', 'recaller', 'trainer', 'scanner', 'auditor'];
const KEPT = ['released', 'quarantine', 'vault'];
const inBucket = (what: string) => what.replace(/[^ ]+$/, (root) => `s3://strict/${root}`);

const at = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket('kept');
  await s3.createBucket('plain', false);
  for (const Bucket of ['kept', 'plain']) {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'in/monday/a.csv', Body: 'a\n1\n' }));
  }
}, S3_START_MS);
afterAll(() => Promise.all([redis?.stop(), s3?.stop()]));

const rootsIn = (bucket: string) => ({
  incoming: `s3://${bucket}/in`,
  released: `s3://${bucket}/released`,
  quarantine: `s3://${bucket}/quarantine`,
  vault: `s3://${bucket}/vault`,
});

async function doctor(bucket: string, variables: Readonly<Record<string, string>> = {}, ...more: string[]) {
  const mail = { ...rootsIn(bucket), baseline: `s3://${bucket}/trusted/mail.taster` };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { mail: more.length > 0 ? mail : rootsIn(bucket) } }));
  const env = { ...s3.variables, TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm', ...variables };
  const { exitCode, stdout, stderr } = await run(['doctor', '--config', 'config.json', '--json', ...more], {
    cwd: at(),
    env,
  });
  expect(stderr).toBe('');
  const { ready, service = [] } = JSON.parse(stdout) as Diagnosis;
  const told = service.map(({ subject, outcome, message }) => `${outcome} ${subject}: ${message}`);
  return { exitCode, ready, told };
}

describe('taster doctor --config', () => {
  it('says that the service can run, and leaves nothing behind', async () => {
    expect(await doctor('kept')).toEqual({
      exitCode: 0,
      ready: true,
      told: [
        expect.stringMatching(/^fine Redis: version \d/),
        'fine Redis: keeps jobs when its memory is full',
        'fine Redis: writes its changes down (appendonly)',
        'fine datasets.mail.incoming: s3://kept/in can be read',
        'fine datasets.mail.incoming: keeps versions',
        ...['vault', 'released', 'quarantine'].flatMap((root) => [
          `fine datasets.mail.${root}: s3://kept/${root} can be read and written to, and a second write is refused`,
          `advice datasets.mail.${root}: these credentials may remove objects from s3://kept/${root}, which workers must not`,
        ]),
        ...['released', 'quarantine'].map(
          (root) =>
            `fine datasets.mail.${root}: s3://kept/${root} can be copied to and tagged, and a second copy is refused`,
        ),
        'advice datasets.mail: these credentials may write to s3://kept/in, which workers must not',
        'advice datasets.mail.mode: observe: enforce would have held 0 of 0 batches',
      ],
    });
    const { Versions = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: 'kept' }));
    expect(Versions.map(({ Key }) => Key)).toEqual(['in/monday/a.csv']);
    const { stdout } = await run(['doctor', '--config', 'config.json'], {
      cwd: at(),
      env: { ...s3.variables, TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm' },
    });
    expect(stdout).toMatch(/^READY {2}The service can run here\./);
  });

  it('takes what a worker may too much for a problem when it is asked to be strict', async () => {
    await s3.putObject('kept', 'trusted/mail.taster', Buffer.from('a baseline'));
    const { exitCode, ready, told } = await doctor('kept', {}, '--strict');
    expect([exitCode, ready]).toEqual([3, false]);
    expect(told.filter((line) => line.startsWith('problem '))).toEqual([
      ...['vault', 'released', 'quarantine'].map(
        (root) =>
          `problem datasets.mail.${root}: these credentials may remove objects from s3://kept/${root}, which workers must not`,
      ),
      ...['in', 'trusted'].map(
        (root) => `problem datasets.mail: these credentials may write to s3://kept/${root}, which workers must not`,
      ),
    ]);
  });

  it('tries what must be refused: to a worker, and to others whose credentials are given', async () => {
    await s3.createBucket('strict');
    await s3.client.send(new PutObjectCommand({ Bucket: 'strict', Key: 'in/monday/a.csv', Body: 'a\n1\n' }));
    await s3.putObject('strict', 'trusted/mail.taster', Buffer.from('a baseline'));
    const roots = { ...rootsIn('strict'), baseline: 's3://strict/trusted/mail.taster' };
    writeFileSync(at('config.json'), JSON.stringify({ datasets: { mail: roots } }));
    const { stdout } = await run(
      ['policy', 'iam', '--config', 'config.json', '--checkpoints', 's3://kept/checkpoints'],
      { cwd: at() },
    );
    const policies = JSON.parse(stdout) as Record<string, { Statement: (Said & { Sid: string })[] }>;
    const roles = ['worker', ...OTHERS];
    const users = await Promise.all(roles.map((role) => s3.addUser(userOf(role))));
    const sections = roles.map((role, number) => {
      const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret } = users[number] ?? {};
      return `[its-${role}]\naws_access_key_id=${key}\naws_secret_access_key=${secret}\n`;
    });
    const wrong = `[its-wrong]\naws_access_key_id=${userOf('trainer')}\naws_secret_access_key=guessed\n`;
    const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret } = s3.variables;
    const owns = `[its-owner]\naws_access_key_id=${key}\naws_secret_access_key=${secret}\n`;
    writeFileSync(at('credentials'), [...sections, wrong, owns].join(''));
    const allow = async (policyOf: (role: string) => string) => {
      const Policy = bucketPolicy(
        'strict',
        roles.flatMap((role) =>
          (policies[policyOf(role)]?.Statement ?? []).map(({ Sid: _, ...one }) => [role, one] as const),
        ),
      );
      await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'strict', Policy }));
    };
    const worker = { ...users[0], AWS_SHARED_CREDENTIALS_FILE: at('credentials') };
    const asked = ['--strict', '--protected', 's3://strict/checkpoints'];
    for (const role of roles.slice(1)) asked.push('--as', `${role}=its-${role}`);
    await allow((role) => role);
    const sound = await doctor('strict', worker, ...asked);
    const refused = sound.told.filter((line) => line.includes(' refused to '));
    expect(refused.every((line) => line.startsWith('fine '))).toBe(true);
    // Removing thrice, writing where batches arrive, beside the baseline and where it is protected.
    expect(refused.filter((line) => line.includes('these credentials'))).toHaveLength(3 + 3);
    const refusedTo = (role: string) => refused.filter((line) => line.startsWith(`fine datasets.mail, ${role}: is `));
    expect(OTHERS.map((role) => [role, refusedTo(role).length])).toEqual([
      ['uploader', 3 + 3 + 3],
      ['reviewer', 1 + 4 + 3],
      ['operator', 4 + 3],
      ['approver', 1 + 4 + 3],
      ['recaller', 3 + 2],
      ['trainer', 3 + 4 + 3],
      ['scanner', 3 + 4 + 3],
      ['auditor', 4 + 4 + 3],
    ]);
    expect(sound.ready).toBe(true);
    // As if the policies had been mixed up.
    const mistaken = ['operator', 'approver', 'recaller', 'scanner', 'trainer'];
    await allow((role) => (mistaken.includes(role) ? 'worker' : role));
    const mixed = await doctor('strict', worker, ...asked);
    expect(mixed.exitCode).toBe(3);
    const may = mixed.told.filter((line) => line.startsWith('problem '));
    const expected = {
      operator: ['write to released', 'write to quarantine', 'write to vault/results'],
      approver: ['read in', 'write to released', 'write to quarantine', 'write to vault/results'],
      recaller: ['write to released', 'write to vault/results'],
      trainer: ['in', 'quarantine', 'vault']
        .map((root) => `read ${root}`)
        .concat(KEPT.map((root) => `write to ${root}`)),
      scanner: KEPT.map((root) => `read ${root}`).concat(KEPT.map((root) => `write to ${root}`)),
    };
    expect(may.sort()).toEqual(
      Object.entries(expected)
        .flatMap(([role, all]) =>
          all.map((what) => `problem datasets.mail, ${role}: may ${inBucket(what)}, which it must not`),
        )
        .sort(),
    );
    const owner = await doctor('strict', worker, '--as', `operator=its-owner`);
    expect(owner.told).toContain(
      'problem datasets.mail, operator: may remove objects from s3://strict/released, which it must not',
    );
    const guessed = await doctor('strict', worker, '--as', 'trainer=its-wrong');
    expect(guessed.told.filter((line) => line.includes(', trainer: is refused'))).toEqual([]);
    expect(guessed.ready).toBe(false);
  }, 300_000);

  it('says what is wrong with Redis', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.config('SET', 'appendonly', 'no');
    client.disconnect();
    const { exitCode, ready, told } = await doctor('kept');
    expect([exitCode, ready]).toEqual([3, false]);
    expect(told).toContain('problem Redis: drops jobs when its memory is full (maxmemory-policy allkeys-lru)');
    expect(told).toContain('advice Redis: may lose its queue in a crash: appendonly is off');
    const gone = await doctor('kept', { TASTER_REDIS_URL: 'redis://127.0.0.1:1' });
    expect([gone.exitCode, gone.told[0]]).toEqual([
      3,
      expect.stringMatching(/^problem Redis: the queue cannot be reached: .*ECONNREFUSED/),
    ]);
  });

  it('says what a bucket lacks, and what these credentials may not do', async () => {
    const { told } = await doctor('plain');
    expect(told).toContain(
      'advice datasets.mail.incoming: its bucket keeps no versions, or these credentials may not list them',
    );
    const reader = await s3.addUser('reader');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: ['reader'] },
        Action: ['s3:GetObject', 's3:ListBucket', 's3:ListBucketVersions'],
        Resource: ['arn:aws:s3:::kept', 'arn:aws:s3:::kept/*'],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'kept', Policy }));
    const denied = await doctor('kept', reader);
    expect(denied.exitCode).toBe(3);
    expect(denied.told).toContain(
      'fine datasets.mail: these credentials are refused to write to s3://kept/in, as they must be',
    );
    for (const root of ['vault', 'released', 'quarantine']) {
      expect(told).toContain(`advice datasets.mail.${root}: the bucket of s3://plain/${root} keeps no versions`);
      expect(denied.told).toContainEqual(
        expect.stringMatching(new RegExp(`^problem datasets.mail.${root}: .*access is denied`)),
      );
    }
    const missing = await doctor('nowhere');
    expect(missing.told).toContain('problem datasets.mail.incoming: s3://nowhere: no such file or folder');
  });

  it('is not content with what may be listed but not read, nor with copies that may not be tagged', async () => {
    await s3.createBucket('listed');
    await s3.putObject('listed', 'in/monday/a.csv', Buffer.from('a\n1\n'));
    await s3.putObject('listed', 'trusted/mail.taster', Buffer.from('a baseline'));
    const lister = await s3.addUser('lister');
    const all = ['released', 'quarantine', 'vault'].map((root) => `arn:aws:s3:::listed/${root}/*`);
    const rules = [
      { Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: ['arn:aws:s3:::listed'] },
      { Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:AbortMultipartUpload'], Resource: all },
    ];
    const Statement = rules.map((rule) => ({ Effect: 'Allow', Principal: { AWS: ['lister'] }, ...rule }));
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'listed', Policy }));
    const { told, ready } = await doctor('listed', lister, '--protected', 's3://listed/kept');
    expect(ready).toBe(false);
    for (const root of ['incoming', 'baseline', 'released', 'quarantine']) {
      expect(told).toContainEqual(
        expect.stringMatching(new RegExp(`^problem datasets.mail.${root}: .*access is denied`)),
      );
    }
  });

  it('tries tags of a dataset in place, and looks for what its bucket denies', async () => {
    await s3.createBucket('placed');
    const shard = { Bucket: 'placed', Key: 'in/monday/a.csv' };
    await s3.client.send(new PutObjectCommand({ ...shard, Body: 'a\n1\n', Tagging: 'sender=acme' }));
    const tagger = await s3.addUser('tagger');
    writeFileSync(
      at('placed.json'),
      JSON.stringify({ datasets: { mail: { ...rootsIn('placed'), placement: 'in-place' } } }),
    );
    const { stdout } = await run(['policy', 'iam', '--config', 'placed.json', '--role', 'worker'], { cwd: at() });
    const worker = (JSON.parse(stdout) as { Statement: (Said & { Sid: string })[] }).Statement;
    const told = async (without: readonly string[]) => {
      const Statement = worker
        .filter(({ Sid }) => !without.includes(Sid))
        .map(({ Sid: _, ...one }) => ({ ...one, Principal: { AWS: ['tagger'] } }));
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'placed', Policy }));
      const env = { ...tagger, TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm' };
      const outcome = await run(['doctor', '--config', 'placed.json', '--json'], { cwd: at(), env });
      const { service = [] } = JSON.parse(outcome.stdout) as Diagnosis;
      const own = service.filter(({ subject }) => subject.endsWith('.placement'));
      return own.map(({ outcome, message }) => `${outcome} ${message}`);
    };
    expect(await told([])).toEqual([
      'fine shards in s3://placed/in can be tagged, and their tags are read back',
      'advice the bucket of s3://placed/in does not deny what `taster policy bucket` prints (ReadOnlyReleased, TagByTasterAlone)',
    ]);
    expect(await told(['Mark', 'SeeDenials'])).toEqual([
      expect.stringMatching(/^problem s3:\/\/placed\/in\/monday\/a.csv: .*access is denied/),
      'advice what the bucket of s3://placed/in denies is not told to these credentials',
    ]);
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand(shard));
    expect(TagSet).toEqual([{ Key: 'sender', Value: 'acme' }]);
  });

  it('tells whether the bucket keeps versions in which nothing has arrived yet, where it may', async () => {
    await s3.createBucket('new');
    await s3.createBucket('new-plain', false);
    const of = async (bucket: string) =>
      (await doctor(bucket)).told.filter((line) => line.includes('.incoming: ')).slice(1);
    expect(await of('new')).toEqual(['fine datasets.mail.incoming: keeps versions']);
    expect(await of('new-plain')).toEqual(['advice datasets.mail.incoming: its bucket keeps no versions']);
  });

  it('says that nothing was tried of another role where no root lies in S3', async () => {
    const roots = { incoming: at('in'), released: at('released'), quarantine: at('quarantine'), vault: at('vault') };
    writeFileSync(at('files.json'), JSON.stringify({ datasets: { mail: roots } }));
    const env = { TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm' };
    const asked = ['doctor', '--config', 'files.json', '--as', 'trainer=nosuch'];
    const { exitCode, stdout } = await run(asked, { cwd: at(), env });
    expect(exitCode).toBe(3);
    expect(stdout.replace(/\s+/g, ' ')).toContain('datasets: nothing of what the trainer must be refused was tried');
  });

  it('notices a store that lets a second write through', async () => {
    const roots = { incoming: at('in'), released: at('released'), quarantine: at('quarantine'), vault: at('vault') };
    for (const root of Object.values(roots)) mkdirSync(root, { recursive: true });
    const careless = {
      ...fileStore,
      create: async (...job: Parameters<typeof fileStore.create>) => (await fileStore.create(...job)) || true,
    };
    const dataset = { name: 'mail', baseline: null, ...roots } as Dataset;
    const outcomes = async (store: typeof fileStore) =>
      (await checkRoots(store, dataset)).map(({ outcome }) => outcome);
    expect((await outcomes(fileStore))[0]).toBe('advice');
    mkdirSync(at('in/monday'));
    writeFileSync(at('in/monday/a.csv'), 'a\n1\n');
    expect(await outcomes(fileStore)).toEqual(['fine', 'fine', 'fine', 'fine']);
    expect(await outcomes(careless)).toEqual(['fine', 'problem', 'problem', 'problem']);
    expect(existsSync(at('vault/_doctor'))).toBe(false);
  });
});
