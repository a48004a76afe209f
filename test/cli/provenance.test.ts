import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry, Report, VerdictStatement } from '../../src/schema/index.js';
import { sha256Of } from '../../src/store/index.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const digits = (part: string) => fileURLToPath(new URL(`../../datasets/digits/${part}`, import.meta.url));
const at = temporaryFolder();
const [acme, scanner] = [keyPair(), keyPair('P-384')];

const scanned = (...more: string[]) =>
  taster('scan', at('batch'), '--baseline', digits('trusted'), '--dataset', 'digits', ...more);
const createManifest = (...more: string[]) => taster('manifest', 'create', at('batch'), '--dataset', 'digits', ...more);
const trusting = ['--trust', at('trust.json')];

/** A scan of the batch as it is now, with its report. */
async function reported(...more: string[]): Promise<Report> {
  const { stdout, stderr } = await scanned('--json', ...more);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

beforeAll(async () => {
  await cp(digits('incoming'), at('batch'), { recursive: true });
  await writeFile(at('acme.pem'), privatePem(acme.own));
  await writeFile(at('acme.pub.pem'), publicPem(acme.open));
  await writeFile(at('scanner.pem'), privatePem(scanner.own));
  const senders = [{ name: 'acme', key: 'acme.pub.pem', datasets: ['digits'] }];
  const verifiers = [{ name: 'scanner', key: publicPem(scanner.open), datasets: ['digits'] }];
  await writeFile(at('trust.json'), JSON.stringify({ version: 1, senders, verifiers, requireStatus: false }));
});

describe('from the sender’s signature to training', () => {
  it('signs a manifest, scans by it, signs the verdict and lets through what was released', async () => {
    const created = await createManifest('--key', at('acme.pem'), '--days', '30');
    expect(created).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('8 shards, signed') });
    const verified = await taster('manifest', 'verify', at('batch'), ...trusting, '--dataset', 'digits');
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('signed by acme') });

    const { exitCode, stdout } = await scanned(...trusting, '--out', at('report'), '--sign', at('scanner.pem'));
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Its manifest is signed by acme for dataset digits.');
    const report = JSON.parse(await readFile(at('report', 'report.json'), 'utf8')) as Report;
    const key = sha256Of(publicPem(acme.open));
    const signatures = [{ signer: 'acme', key, identities: [] }];
    expect(report.provenance).toMatchObject({ dataset: 'digits', signers: ['acme'], signatures });
    const recall = ['recall', at('report'), '--dry-run', '--status', at('none.json'), '--key', at('scanner.pem')];
    for (const [signer, recalled] of [
      ['acme', 0],
      [key, 0],
      ['0'.repeat(64), 1],
    ] as const)
      expect(await taster(...recall, '--signer', signer)).toMatchObject({ exitCode: recalled });
    const envelope = JSON.parse(await readFile(at('report', 'verdict.json'), 'utf8')) as { payload: string };
    const verdict = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as VerdictStatement;
    expect(verdict.predicate.rests.manifest).toBe(report.provenance?.manifest);

    const released = report.shards
      .filter((shard) => shard.released)
      .map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1));
    const gate = ['gate', at('batch'), '--verdict', at('report', 'verdict.json'), ...trusting];
    const passed = await taster(...gate, '--copy-to', at('train'));
    expect(await taster(...gate, '--copy-to', at('train'))).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('train: exists already'),
    });
    expect(passed).toMatchObject({ exitCode: 0, stdout: released.map((name) => `${at('train', name)}\n`).join('') });
    for (const name of released) expect(await readFile(at('train', name))).toEqual(await readFile(at('batch', name)));

    await writeFile(at('batch', released[0] as string), 'changed');
    const refused = await taster(...gate, '--copy-to', at('again'));
    expect(refused).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('its bytes are not those'),
    });
    expect(refused.stderr).toContain(`nothing of ${at('batch')} may pass by ${at('report', 'verdict.json')}\nTrain on`);
    await expect(readFile(at('again', released[1] as string))).rejects.toThrow('ENOENT');
    await cp(digits('incoming'), at('batch'), { recursive: true });
  }, 60_000);
});

describe('a scan of a batch', () => {
  it('that was changed after its manifest was signed holds all of it, or what was changed alone', async () => {
    await createManifest('--key', at('acme.pem'));
    await cp(at('batch', 'images-1.parquet'), at('batch', 'images-3.parquet'));
    const policy = JSON.parse(await readFile(at('trust.json'), 'utf8')) as object;
    await writeFile(at('lenient.json'), JSON.stringify({ ...policy, onFault: { 'bad-digest': 'shard' } }));
    const { shards, findings } = await reported('--trust', at('lenient.json'));
    expect(shards.find(({ uri }) => uri.endsWith('images-3.parquet'))?.verdict).toBe('quarantine');
    expect(findings.filter(({ kind }) => kind === 'integrity').map(({ subject }) => subject)).toEqual([
      'images-3.parquet',
    ]);
    expect(shards.find(({ uri }) => uri.endsWith('images-4.parquet'))?.verdict).toBe('release');

    await writeFile(at('observe.json'), JSON.stringify({ mode: 'observe' }));
    const strict = await reported(...trusting, '--policy', at('observe.json'));
    const [{ id }] = strict.findings.filter(({ kind }) => kind === 'integrity') as unknown as [{ id: string }];
    for (const shard of strict.shards) {
      expect(shard).toMatchObject({ verdict: 'quarantine', released: false });
      expect(shard.findings.filter((finding) => finding === id)).toHaveLength(1);
    }
    await cp(digits('incoming'), at('batch'), { recursive: true });
  }, 60_000);

  it('that nobody vouches for holds all of it, whatever its rows look like', async () => {
    await createManifest();
    await writeFile(at('observe.json'), JSON.stringify({ mode: 'observe' }));
    const { shards, findings, released } = await reported(...trusting, '--policy', at('observe.json'));
    expect(findings.find(({ kind }) => kind === 'provenance')).toMatchObject({
      id: 'provenance/batch/unsigned',
      scope: 'batch',
    });
    expect(shards.every((shard) => !shard.released && shard.findings.includes('provenance/batch/unsigned'))).toBe(true);
    expect(released).toBe(false);
    expect((await reported()).notes.join()).toContain('Who made that is not checked');
    await rm(at('batch', '_manifest.json'));
  }, 60_000);
});

describe('wrong use', () => {
  it.each([
    ['--sign without --out', ['scan', 'b', '--sign', 'k', '--dataset', 'd'], '--sign needs --out'],
    ['--sign without --dataset', ['scan', 'b', '--sign', 'k', '--out', 'o'], '--sign needs --dataset'],
    [
      'a trust policy that is none',
      ['scan', 'b', '--trust', at('trust-bad.json')],
      'lacks version; senders.0 lacks key',
    ],
    [
      'a key that counts until no time',
      ['scan', 'b', '--trust', at('trust-time.json')],
      '2026-13-01T00:00:00Z is no time',
    ],
    [
      'a trust policy that takes any signature',
      ['scan', 'b', '--trust', at('trust-any.json')],
      'onFault.unknown-key must be batch',
    ],
    [
      'a trust policy that makes light of changed bytes',
      ['scan', 'b', '--trust', at('trust-bytes.json')],
      'onFault.bad-digest must be one of batch, shard',
    ],
    [
      'a trust policy that contradicts itself',
      ['scan', 'b', '--trust', at('trust-two.json')],
      'advise and onFault contradict each other: unsigned',
    ],
    ['a trust policy without its key', ['scan', 'b', '--trust', at('trust-lost.json')], 'lost.pem: no such file'],
    [
      'a certificate without identity',
      ['scan', 'b', '--trust', at('trust-who.json')],
      'has an identity but is no certificate of an authority\nSee docs/provenance.md',
    ],
    [
      'a public key to sign with',
      ['manifest', 'sign', at('m.json'), '--key', at('acme.pub.pem')],
      'is a public key: signing takes the private one',
    ],
    [
      'no manifest to sign',
      ['manifest', 'sign', at('trust.json'), '--key', at('acme.pem')],
      'does not conform to its schema',
    ],
    ['no manifest to verify', ['manifest', 'verify', at('batch')], '_manifest.json: is not there'],
    ['another manifest', ['manifest', 'verify', at('batch'), '--manifest', at('none.json')], 'none.json: no such file'],
    ['nothing to sign', ['manifest', 'sign', at('none.json'), '--key', at('acme.pem')], 'none.json: no such file'],
    [
      'no parent',
      ['manifest', 'create', at('batch'), '--dataset', 'd', '--out', at('m.json'), '--parent', at('none.json')],
      'none.json: no such file',
    ],
    ['no verdict', ['gate', at('batch'), '--trust', at('trust.json')], 'verdict.json: is not there'],
    ['days that are none', ['manifest', 'create', at('batch'), '--dataset', 'd', '--days', '0'], 'whole number from 1'],
    [
      'model-signing without a key',
      ['manifest', 'create', at('batch'), '--dataset', 'd', '--model-signing'],
      'needs --key',
    ],
  ])('%s: says so and ends with 2', async (_, argv, message) => {
    const sender = { name: 'acme', datasets: ['digits'] };
    const who = { ...sender, key: 'acme.pub.pem', identity: 'mallory' };
    await writeFile(at('trust-bad.json'), JSON.stringify({ senders: [sender] }));
    const timeless = { ...sender, key: 'acme.pub.pem', until: '2026-13-01T00:00:00Z' };
    await writeFile(at('trust-time.json'), JSON.stringify({ version: 1, senders: [timeless] }));
    await writeFile(at('trust-lost.json'), JSON.stringify({ version: 1, senders: [{ ...sender, key: 'lost.pem' }] }));
    await writeFile(at('trust-who.json'), JSON.stringify({ version: 1, senders: [who] }));
    const withFaults = (more: object) => JSON.stringify({ version: 1, senders: [], ...more });
    await writeFile(at('trust-any.json'), withFaults({ onFault: { 'unknown-key': 'advise' } }));
    await writeFile(at('trust-bytes.json'), withFaults({ onFault: { 'bad-digest': 'advise' } }));
    await writeFile(at('trust-two.json'), withFaults({ onFault: { unsigned: 'batch' }, advise: ['unsigned'] }));
    const { exitCode, stdout, stderr } = await taster(...argv);
    expect(stderr).toContain(message);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});

describe('a gate that has no answer', () => {
  it('takes no name of a consumer that would be written down nowhere', async () => {
    const refused = await taster('gate', at('batch'), ...trusting, '--consumer', 'trainer 7');
    expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('no audit log') });
  });

  it('writes the refusal down as any other, and lets its own message stand', async () => {
    const consumer = ['--consumer', 'trainer 7', '--audit', at('refusals')];
    const asked = (batch: string, ...more: string[]) =>
      taster('gate', batch, ...trusting, '--dataset', 'digits', ...consumer, ...more);
    expect(await asked(at('batch'))).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not there') });
    await asked(at('batch'), '--verdict', at('none', 'verdict.json'));
    await asked(at('gone'), '--verdict', at('trust.json'));
    await asked(at('batch'), '--copy-to', at('batch', 'train'));
    await asked(at('batch'), '--copy-to', at());
    await asked(at('batch'), '--trust', at('no-trust.json'));
    const { stdout } = await taster('audit', 'verify', at('refusals'), '--json');
    const entries = JSON.parse(stdout) as AuditEntry[];
    for (const entry of entries)
      expect(entry).toMatchObject({ event: 'gate-refusal', dataset: 'digits', batch: null, by: 'trainer 7' });
    // By name and code: where it lies on the consumer's machine is nothing for those who read the log.
    expect(entries.map(({ facts }) => facts)).toEqual(
      [
        'batch: VERDICT_UNUSABLE',
        'batch: VERDICT_UNUSABLE',
        expect.stringContaining('it is no signed verdict'),
        'batch: USAGE',
        'batch: COPY_EXISTS',
        'batch: PATH_MISSING',
      ].map((first) => ({ problems: 1, first })),
    );
    await rm(at('refusals', '0000000006.json'));
    expect(await asked(at('batch'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('0000000006.json: it is gone'),
    });
  });
});

describe('a file that is written into a new folder', () => {
  it.each<[string, string, (out: string) => string[]]>([
    ['a manifest', 'm.json', (out) => ['manifest', 'create', at('batch'), '--dataset', 'digits', '--out', out]],
    ['a signed manifest', 's.json', (out) => ['manifest', 'sign', at('m'), '--key', at('acme.pem'), '--out', out]],
    ['a list of what was recalled', 'l.json', (out) => ['recall', '--status', out, '--key', at('scanner.pem')]],
    [
      'a baseline',
      'b.taster',
      (out) => ['baseline', 'build', digits('trusted'), '--out', out, '--quiet', '--label', 'label'],
    ],
  ])(
    'is %s: the folder is made',
    async (_, name, argv) => {
      await createManifest('--out', at('m'));
      const out = at('made', name, name);
      expect(await taster(...argv(out))).toMatchObject({ exitCode: 0 });
      expect(await readFile(out)).not.toHaveLength(0);
    },
    60_000,
  );
});

describe('recall', () => {
  const status = ['--status', at('status.json'), '--key', at('scanner.pem')];
  const gate = () =>
    taster('gate', at('batch'), '--verdict', at('report', 'verdict.json'), ...trusting, '--status', at('status.json'));

  it('keeps from training what was released, until then and no longer than its list counts', async () => {
    await createManifest('--source', 'station-7');
    await scanned('--out', at('report'), '--sign', at('scanner.pem'));
    await rm(at('batch', '_manifest.json'));
    expect(await taster('recall', ...status)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await gate()).toMatchObject({ exitCode: 0 });

    const bySource = [
      'recall',
      at('report'),
      '--source',
      'station-7',
      '--reason',
      'x',
      '--status',
      at('by-source.json'),
    ];
    const recalledBySource = await taster(...bySource, '--key', at('scanner.pem'));
    expect(recalledBySource).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('recalled  digits/batch') });

    const none = await taster('recall', at('report'), '--source', 'nobody', '--reason', 'x', ...status);
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no verdict matches') });
    const recalled = await taster('recall', at('report'), '--since', '2026-01-01', '--reason', 'planted', ...status);
    expect(recalled).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('recalled  digits/batch') });
    expect(recalled.stdout).toContain('images-1.parquet');
    expect(await gate()).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(': planted') });
    await taster('recall', at('report'), '--reason', 'again', ...status);
    expect(await gate()).toMatchObject({ stderr: expect.stringContaining(': planted') });
  }, 60_000);

  it('is written down with everything before it, and says who has read what', async () => {
    await rm(at('status.json'));
    const log = ['--audit', at('audit')];
    await scanned('--out', at('report'), '--sign', at('scanner.pem'), ...log);
    const consumer = ['--consumer', 'trainer 7', ...log];
    await taster('gate', at('batch'), '--verdict', at('report', 'verdict.json'), ...trusting, ...consumer);
    await taster('audit', 'checkpoint', at('audit'), '--key', at('scanner.pem'), '--out', at('checkpoint.json'));
    const { stdout } = await taster('recall', at('report'), '--reason', 'planted', '--json', ...status, ...log);
    const pass = { dataset: 'digits', batch: 'batch', consumer: 'trainer 7', passedAt: expect.stringMatching(/Z$/) };
    expect(JSON.parse(stdout)).toMatchObject({ consumers: [pass], lastGood: null });

    const verify = () =>
      taster('audit', 'verify', at('audit'), '--checkpoint', at('checkpoint.json'), ...trusting, '--json');
    const whole = await verify();
    const events = (JSON.parse(whole.stdout) as AuditEntry[]).map(({ event, by }) => `${event} ${by}`);
    expect([whole.exitCode, events]).toEqual([0, ['decision null', 'gate-pass trainer 7', 'recall null']]);
    const lost = await taster('audit', 'verify', at('audit'), '--checkpoint', at('none.json'), ...trusting);
    expect(lost).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('none.json: no such file or folder') });
    for (const name of ['0000000002.json', '0000000003.json']) await rm(at('audit', name));
    expect(await verify()).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('it ends with entry 1'),
    });
  }, 60_000);

  it('asks for the report where it is asked of sources, and waits for no other for ever', async () => {
    const report = await readFile(at('report', 'report.json'));
    for (const content of ['null', '{"sources": {}}', '{']) {
      await writeFile(at('report', 'report.json'), content);
      const asked = await taster('recall', at('report'), '--source', 'mallory', '--reason', 'x', ...status);
      expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no report.json that can be read') });
    }
    await writeFile(at('report', 'report.json'), report);
    await writeFile(at('status.json.lock'), '');
    expect(await taster('recall', ...status)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('another recall'),
    });
    await rm(at('status.json.lock'));
  });

  it('needs a reason, and goes on with nobody else’s list', async () => {
    const other = keyPair();
    await writeFile(at('other.pem'), privatePem(other.own));
    expect(await taster('recall', at('report'), ...status)).toMatchObject({ exitCode: 2 });
    const wrong = await taster('recall', '--status', at('status.json'), '--key', at('other.pem'));
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no trusted key has signed it') });
  });
});
