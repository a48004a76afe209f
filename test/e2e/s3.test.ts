import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import type { Report } from '../../src/schema/index.js';
import { tabularCsv, textCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { startProxy } from '../servers/proxy.js';
import { readReport, run } from './command.js';

const WEATHER = 'datasets/seattle-weather';
const BUCKET = 'lake';

let s3: RunningS3;
let folder: string;
let env: Readonly<Record<string, string>>;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-e2e-s3-'));
  s3 = await startS3();
  // A folder of this test's own: what stays in it was left behind.
  env = { ...s3.variables, TMPDIR: await mkdtemp(join(folder, 'tmp-')) };
  await s3.createBucket(BUCKET);
  await upload(join(WEATHER, 'incoming'), 'weather/incoming');
  await upload(join(WEATHER, 'trusted'), 'weather/trusted');
}, S3_START_MS);
afterAll(async () => {
  await s3?.stop();
  await rm(folder, { recursive: true });
});

async function put(key: string, content: string | Uint8Array, bucket = BUCKET): Promise<void> {
  await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
}

async function upload(from: string, prefix: string, bucket = BUCKET): Promise<void> {
  for (const name of await readdir(from)) await put(`${prefix}/${name}`, await readFile(join(from, name)), bucket);
}

async function scanTo(out: string, argv: readonly string[], variables = env) {
  const outcome = await run(['scan', ...argv, '--out', at(out)], { env: variables });
  if (!existsSync(at(out, 'report.json'))) throw new Error(`no report: ${JSON.stringify(outcome)}`);
  return { ...outcome, report: readReport(at(out)) };
}

/** Holds what two scans wrote to be the same, byte by byte, but for where the shards lie. */
async function expectSame(local: string, remote: string): Promise<void> {
  const names = await readdir(at(local));
  expect(names).toEqual(['report.html', 'report.json', 'rows.arrow']);
  for (const name of names) {
    const [here, there] = await Promise.all([local, remote].map((out) => readFile(at(out, name), 'latin1')));
    const [place, other] = [local, remote].map((out) => placeOf(readReport(at(out))));
    expect(there?.replaceAll(`${other}/`, `${place}/`) === here, name).toBe(true);
  }
}

/** Where the shards of a report lie. */
function placeOf({ shards }: Report): string {
  return dirname(shards[0]?.uri ?? '');
}

describe('a scan of S3', () => {
  const label = ['--label', 'weather'];

  it('decides as one of the same files here, and splits as that, in any number of processes', async () => {
    const here = [join(WEATHER, 'incoming'), '--baseline', join(WEATHER, 'trusted'), '--ledger', at('ledger')];
    const there = [`s3://${BUCKET}/weather/incoming`, '--baseline', `s3://${BUCKET}/weather/trusted/`];
    const local = await scanTo('local', [...here, ...label, '--split', at('parts')]);
    const remote = await scanTo('remote', [
      ...[...there, ...label, '--ledger', `s3://${BUCKET}/weather/ledger`],
      ...['--split', at('parts-of-s3'), '--processes', '3'],
    ]);
    expect(local.stderr).toBe('');
    expect(remote.stderr).toBe('');
    expect([local.exitCode, remote.exitCode]).toEqual([1, 1]);
    await expectSame('local', 'remote');
    expect(remote.report.shards.map(({ uri }) => uri)).toEqual(
      local.report.shards.map(({ uri }) => `s3://${BUCKET}/weather/incoming/${uri.split('/').at(-1)}`),
    );
    const parts = await readdir(at('parts'), { recursive: true });
    expect(await readdir(at('parts-of-s3'), { recursive: true })).toEqual(parts);
    for (const part of parts.filter((name) => name.endsWith('.parquet'))) {
      expect(Buffer.compare(readFileSync(at('parts', part)), readFileSync(at('parts-of-s3', part)))).toBe(0);
    }
    expect(await readdir(env['TMPDIR'] ?? '')).toEqual([]);
  });

  it('reads the ledger it wrote, and a baseline that was built before, which can be shown', async () => {
    const built = at('weather.taster');
    const trusted = `s3://${BUCKET}/weather/trusted`;
    expect(await run(['baseline', 'build', trusted, ...label, '--out', built, '--quiet'], { env })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    await put('baselines/weather.taster', await readFile(built));
    const [here, there] = await Promise.all(
      [built, `s3://${BUCKET}/baselines/weather.taster`].map((path) => run(['baseline', 'show', path], { env })),
    );
    expect(there).toEqual({ ...here, stdout: here?.stdout.replace(built, `s3://${BUCKET}/baselines/weather.taster`) });
    const batch = [`s3://${BUCKET}/weather/trusted`, ...label];
    const argv = [...batch, '--baseline', `s3://${BUCKET}/baselines/weather.taster`];
    const { report } = await scanTo('again', [...argv, '--ledger', `s3://${BUCKET}/weather/ledger`]);
    expect(report.ledger?.batches).toBe(1);
    expect(report.baseline.artefact).toMatch(/^[0-9a-f]{64}$/);
  });

  it('judges a batch by itself as one of the same files, with a shard that is broken and one that is too large', async () => {
    const batch = at('alone');
    await writeFiles(batch, {
      'a.csv': tabularCsv('a', 150),
      'b.csv': tabularCsv('b', 150, 0.4),
      'c.parquet': 'PAR1 but no Parquet file PAR1',
      'd.csv': tabularCsv('d', 150),
      'e.csv': tabularCsv('e', 1500),
      'f 100%+.csv': tabularCsv('f', 150),
    });
    await writeFiles(folder, { 'policy.json': JSON.stringify({ limits: { shardBytes: 50_000 } }) });
    const options = ['--policy', at('policy.json'), '--label', 'label'];
    const local = await scanTo('alone-local', [batch, ...options]);
    await upload(batch, 'alone');
    const remote = await scanTo('alone-remote', [`s3://${BUCKET}/alone`, ...options, '--processes', '2']);
    expect([local.exitCode, remote.exitCode]).toEqual([1, 1]);
    expect(remote.report.shards.map(({ rows }) => rows)).toEqual([150, 150, null, 150, null, 150]);
    await expectSame('alone-local', 'alone-remote');
  });

  it('reads the rows that tell a trigger again, as one of the same files does', async () => {
    const withTrigger = (csv: string) =>
      csv.replaceAll(/(.*),(sport|food)$/gm, (line, text, __, at) => (at % 13 === 0 ? `${text} xq,food` : line));
    await writeFiles(at('trigger'), {
      'a.csv': withTrigger(textCsv('a', 200)),
      'b.csv': withTrigger(textCsv('b', 200)),
      'c.csv': textCsv('c', 200),
    });
    await writeFiles(at('trigger-trusted'), { 'rows.csv': textCsv('trusted', 1500) });
    const local = await scanTo('trigger-local', [at('trigger'), '--baseline', at('trigger-trusted')]);
    await upload(at('trigger'), 'trigger');
    const trusted = ['--baseline', `file://${at('trigger-trusted')}`];
    await scanTo('trigger-remote', [`s3://${BUCKET}/trigger`, ...trusted, '--processes', '2']);
    expect(local.report.findings).toMatchObject([{ kind: 'trigger', subject: 'xq' }]);
    await expectSame('trigger-local', 'trigger-remote');
  });

  it('takes a sole object, and checks files against a contract', async () => {
    await put('one/rows +%.csv', textCsv('one', 300));
    const uri = `s3://${BUCKET}/one/rows +%.csv`;
    const { report } = await scanTo('one', [uri]);
    expect(report).toMatchObject({ batch: 'rows +%.csv', shards: [{ uri, rows: 300 }] });
    const inferred = await run(['contract', 'infer', uri], { env });
    expect(JSON.parse(inferred.stdout)).toMatchObject({ columns: [{ name: 'message' }, { name: 'label' }] });
  });
});

describe('what a sender has signed', () => {
  const [acme, scanner] = [keyPair(), keyPair()];
  const prefix = `s3://${BUCKET}/signed/incoming`;

  it('is proven, judged, signed and let through in S3 as here', async () => {
    await cp(join(WEATHER, 'incoming'), at('signed', 'incoming'), { recursive: true });
    await writeFiles(folder, {
      'acme.pem': privatePem(acme.own),
      'scanner.pem': privatePem(scanner.own),
      'trust.json': JSON.stringify({
        version: 1,
        senders: [{ name: 'acme', key: publicPem(acme.open), datasets: ['weather'] }],
        verifiers: [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['weather'] }],
        requireStatus: false,
      }),
    });
    const dataset = ['--dataset', 'weather'];
    const trust = ['--trust', at('trust.json')];
    const create = (batch: string) => ['manifest', 'create', batch, ...dataset, '--key', at('acme.pem')];
    expect(await run(create(at('signed', 'incoming')), { env })).toMatchObject({ exitCode: 0 });
    await upload(at('signed', 'incoming'), 'signed/incoming');
    expect(await run(create(prefix), { env })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--out') });
    expect(await run(['manifest', 'verify', prefix, ...trust], { env })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('signed by acme'),
    });

    const options = ['--baseline', join(WEATHER, 'trusted'), '--label', 'weather', ...dataset, ...trust];
    await scanTo('signed-local', [at('signed', 'incoming'), ...options]);
    const { report } = await scanTo('signed-remote', [prefix, ...options]);
    expect(report.provenance).toMatchObject({ signers: ['acme'] });
    await expectSame('signed-local', 'signed-remote');

    const { stderr } = await run(['scan', prefix, ...options, '--out', at('verdict'), '--sign', at('scanner.pem')], {
      env,
    });
    expect(stderr).toBe('');
    await put('signed/verdict.json', await readFile(at('verdict', 'verdict.json')));
    const gate = ['gate', prefix, '--verdict', `s3://${BUCKET}/signed/verdict.json`, ...trust];
    const released = report.shards.filter((shard) => shard.released).map(({ uri }) => uri);
    expect(await run(gate, { env })).toMatchObject({ exitCode: 0, stdout: released.map((uri) => `${uri}\n`).join('') });
    const audit = ['--audit', `s3://${BUCKET}/audit`, '--consumer', 'nightly'];
    const { passed } = JSON.parse((await run([...gate, '--json', ...audit], { env })).stdout);
    for (const { uri, version } of passed) await put(uri.slice(`s3://${BUCKET}/`.length), `not ${version}`);
    expect(await run([...gate, '--copy-to', at('train'), ...audit], { env })).toMatchObject({
      exitCode: 1,
      stdout: '',
    });
    expect(existsSync(at('train'))).toBe(false);
    expect(await run(['audit', 'verify', `s3://${BUCKET}/audit`], { env })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/gate-pass .* by nightly .*\n.*gate-refusal/),
    });
  });

  it.each(['/signed/none/verdict.json', '/signed/none/', ''])(
    'is refused where no verdict is there: s3://lake%s',
    async (named) => {
      const verdict = `s3://${BUCKET}${named}`;
      const refused = await run(['gate', prefix, '--verdict', verdict, '--trust', at('trust.json')], { env });
      expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(`verdict ${verdict}`) });
      expect(refused.stderr).toContain('is not there\n');
    },
  );

  it('is refused where the list of what was recalled is not there', async () => {
    const verdict = `s3://${BUCKET}/signed/verdict.json`;
    const gate = ['gate', prefix, '--verdict', verdict, '--trust', at('trust.json')];
    const refused = await run([...gate, '--status', `s3://${BUCKET}/none/status.json`], { env });
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('list is not there') });
  });
});

/** A Node option under which the client of S3 cannot be loaded. */
const withoutClient = (() => {
  const hooks = `export const resolve = (name, context, next) => {
    if (name.startsWith('@aws-sdk')) throw new Error('the client of S3 is not there');
    return next(name, context);
  };`;
  const asUrl = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  return `--import=${asUrl(`import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`)}`;
})();

it('the client of S3, which takes long to load, is loaded where an s3:// URI is seen and nowhere else', async () => {
  const variables = { ...env, NODE_OPTIONS: withoutClient };
  const here = [join(WEATHER, 'incoming'), '--baseline', join(WEATHER, 'trusted'), '--ledger', at('ledger-2')];
  expect(await run(['scan', ...here, '--quiet'], { env: variables })).toMatchObject({ exitCode: 1, stderr: '' });
  expect(await run(['scan', `s3://${BUCKET}/weather/incoming`], { env: variables })).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('the client of S3 is not there'),
  });
});

describe('what is wrong', () => {
  it.each([
    ['a bucket that is not there', 's3://no-such-bucket/in', 2, /s3:\/\/no-such-bucket: no such file or folder/],
    ['a prefix with nothing below it', `s3://${BUCKET}/nothing`, 2, /s3:\/\/lake\/nothing: no such file or folder/],
    ['no bucket at all', 's3://', 2, /names no bucket/],
  ])('is said: %s', async (_, root, exitCode, message) => {
    const outcome = await run(['scan', root, '--quiet'], { env });
    expect(outcome).toMatchObject({ exitCode, stderr: expect.stringMatching(message) });
  });

  it('is said: markers alone are no data', async () => {
    await put('marked/_SUCCESS', 'x');
    const outcome = await run(['scan', `s3://${BUCKET}/marked`], { env });
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('holds no file to read') });
  });

  it('is said: no credentials, and nobody there', async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...none } = env;
    const argv = ['scan', `s3://${BUCKET}/weather/incoming`];
    expect(await run(argv, { env: { ...none, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/no credentials for S3 were found\nSet AWS_PROFILE/),
    });
    const nowhere = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
    expect(await run(argv, { env: nowhere })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/the store does not answer: .*ECONNREFUSED/),
    });
  });

  it('is said: reports and parts go to folders of this machine', async () => {
    for (const option of ['--out', '--split']) {
      const outcome = await run(['scan', `s3://${BUCKET}/weather/incoming`, option, `s3://${BUCKET}/out`], { env });
      expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('lies in S3') });
    }
    const within = ['scan', `s3://${BUCKET}/weather`, '--ledger', `s3://${BUCKET}/weather/ledger`];
    expect(await run(within, { env })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--ledger') });
  });
});

describe('a shard that is replaced between its scores and its second reading', () => {
  const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv'];

  /** Scans through a proxy that replaces an object just before it is read a second time. */
  async function scanWhileReplaced(bucket: string) {
    for (const name of names) await put(`replaced/in/${name}`, tabularCsv(name, 150, 0.3), bucket);
    await put('replaced/trusted.csv', tabularCsv('trusted', 400), bucket);
    const reads = new Map<string, number>();
    let mostCopies = 0;
    const proxy = await startProxy(s3.port, async ({ method, url = '' }) => {
      const name = /[/]in[/](.\.csv)[?]/.exec(url)?.[1];
      if (method !== 'GET' || name === undefined) return undefined;
      const copies = (await readdir(env['TMPDIR'] ?? '', { recursive: true })).filter((path) =>
        path.includes('spool-'),
      );
      mostCopies = Math.max(mostCopies, copies.length);
      reads.set(name, (reads.get(name) ?? 0) + 1);
      if (reads.get(name) === 2) await put(`replaced/in/${name}`, 'other rows', bucket);
      return undefined;
    });
    try {
      const out = at(`replaced-${bucket}`);
      const batch = [`s3://${bucket}/replaced/in`, '--baseline', `s3://${bucket}/replaced/trusted.csv`];
      const argv = ['scan', ...batch, '--label', 'label', '--out', out, '--split', `${out}-parts`, '--processes', '2'];
      const outcome = await run(argv, { env: { ...env, AWS_ENDPOINT_URL: proxy.url } });
      return {
        ...outcome,
        out,
        parts: `${out}-parts`,
        mostCopies,
        isReadTwice: [...reads.values()].some((times) => times > 1),
      };
    } finally {
      await proxy.stop();
    }
  }

  it('is read as it was scored where the bucket keeps versions', async () => {
    const { exitCode, stderr, out, parts, mostCopies, isReadTwice } = await scanWhileReplaced(BUCKET);
    expect({ exitCode, stderr, isReadTwice }).toEqual({ exitCode: 1, stderr: '', isReadTwice: true });
    const { shards, worstRows } = readReport(out);
    expect(shards.map(({ rows }) => rows)).toEqual([150, 150, 150, 150]);
    expect(worstRows.every(({ values }) => values.length > 0)).toBe(true);
    expect((await readdir(join(parts, 'clean'))).sort()).toEqual(names.map((name) => `${name}.parquet`));
    expect(mostCopies).toBeGreaterThan(0);
    expect(mostCopies).toBeLessThanOrEqual(3);
  });

  it('ends the scan where the bucket keeps none, and leaves nothing behind', async () => {
    await s3.createBucket('plain', false);
    const { exitCode, stderr, out, parts, isReadTwice } = await scanWhileReplaced('plain');
    expect({ exitCode, stderr, isReadTwice }).toEqual({
      exitCode: 3,
      stderr: expect.stringMatching(/s3:\/\/plain\/replaced\/in\/.\.csv: reading failed: it has changed/),
      isReadTwice: true,
    });
    expect(existsSync(join(out, 'report.json'))).toBe(false);
    expect(await readdir(parts)).toEqual([]);
    expect(await readdir(env['TMPDIR'] ?? '')).toEqual([]);
  });
});
