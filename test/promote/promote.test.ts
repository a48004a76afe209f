import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRecord, currentJudgement, openPlan, readRecords, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig, loadSigningKey } from '../../src/config/index.js';
import { enforce } from '../../src/enforce/index.js';
import { Transient } from '../../src/errors.js';
import { scan } from '../../src/pipeline.js';
import { approve as approveOf, propose } from '../../src/promote/index.js';
import type { JobQueue } from '../../src/queue/index.js';
import { currentPlan, rescan } from '../../src/schedule/index.js';
import type { AuditEntry, BatchRecord, Candidate } from '../../src/schema/index.js';
import { fileStore, type ObjectStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { type Judging, openJudging } from '../workers/judging.js';

const at = temporaryFolder();
const people = ['ann', 'bob', 'eve', 'acme', 'beta'] as const;
let judging: Judging;
const queued: unknown[] = [];

const config = () => loadConfig(at('config.json'));
const dataset = () => config().datasets.get('d') as Dataset;
const queue = {
  addBatch: async (job: unknown) => queued.push(job),
} as unknown as JobQueue;
const promote = (...more: string[]) => taster('baseline', 'promote', 'd', '--config', at('config.json'), ...more);
const approve = (candidate: string, name: string) =>
  promote('--candidate', candidate, '--key', at(`${name}.pem`), '--reason', 'looked through');

/** Uploads, signs and judges a batch. */
async function batch(
  name: string,
  sender: string,
  files: Readonly<Record<string, string>>,
  second?: string,
): Promise<void> {
  await writeFiles(at('in', name), files);
  const signed = ['--dataset', 'd', '--key', at(`${sender}.pem`)];
  expect(await taster('manifest', 'create', at('in', name), ...signed)).toMatchObject({ exitCode: 0 });
  if (second !== undefined) {
    const more = [at('in', name, '_manifest.json'), '--key', at(`${second}.pem`)];
    expect(await taster('manifest', 'sign', ...more)).toMatchObject({ exitCode: 0 });
  }
  await judging.judge(config(), 'd', name);
  await enforce(fileStore, dataset(), name, null);
}

async function audited(): Promise<AuditEntry[]> {
  const { stdout, exitCode } = await taster('audit', 'verify', at('vault/audit'), '--json');
  expect(exitCode).toBe(0);
  return (JSON.parse(stdout) as AuditEntry[]).filter(({ event }) => event === 'promotion');
}

beforeAll(async () => {
  for (const name of people) {
    const { own, open } = keyPair();
    writeFileSync(at(`${name}.pem`), privatePem(own));
    writeFileSync(at(`${name}.pub.pem`), publicPem(open));
  }
  const entry = (name: string) => ({ name, key: `${name}.pub.pem`, datasets: ['d'] });
  const approvers = ['ann', 'bob'].map((name) => ({ ...entry(name), kinds: ['baseline'] }));
  const senders = ['acme', 'beta'].map(entry);
  const trust = { version: 1, senders, approvers, requireApproval: { baseline: { signatures: 2 } } };
  writeFileSync(at('trust.json'), JSON.stringify(trust));
  await writeFiles(at('trusted'), { 'rows.csv': tabularCsv('trusted', 400) });
  await taster('baseline', 'build', at('trusted'), '--out', at('b.taster'), '--quiet');
  await taster('sign', at('b.taster'), '--kind', 'baseline', '--dataset', 'd', '--as', '1', '--key', at('ann.pem'));
  await taster('sign', at('b.taster'), '--key', at('bob.pem'));
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  const settings = { ...roots, baseline: 'b.taster', mode: 'observe', trust: 'trust.json' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  mkdirSync(at('scratch'));
  judging = openJudging(at('scratch'));
  await batch('monday', 'acme', { 'a.csv': tabularCsv('a', 300), 'b.csv': tabularCsv('b', 300) });
  await batch('tuesday', 'beta', { 'c.csv': tabularCsv('c', 300), 'bad.csv': tabularCsv('bad', 300, 0.4) });
});
afterAll(() => judging.stop());

/** What approving comes to once the batch that the candidate is made of has one more record, which then goes again. */
async function approvedAfter(record: BatchRecord, sha256: string) {
  const { length } = await readRecords(fileStore, at('vault'), 'monday');
  await addRecord(fileStore, at('vault'), 'monday', length, record);
  const outcome = await approve(sha256, 'bob');
  rmSync(at(`vault/batches/monday/records/00000${length + 1}.json`));
  return outcome;
}

describe('taster baseline promote', () => {
  let candidate: Candidate;

  it.each(['vault/versions/rules', 'vault/batches'])('builds none where %s cannot be listed', async (place) => {
    const fail = async (root: string) => {
      if (root.endsWith(place)) throw new Transient('READ_FAILED', { path: root, detail: 'status 500' });
    };
    const unlisted: ObjectStore = {
      ...fileStore,
      list: (root) => fail(root).then(() => fileStore.list(root)),
      listAfter: (root, ...more) => fail(root).then(() => fileStore.listAfter(root, ...more)),
      folders: (root) => fail(root).then(() => fileStore.folders(root)),
    };
    const proposal = { by: 'cleo', batches: undefined, trusted: undefined, scan };
    const proposed = propose(unlisted, dataset(), config(), proposal);
    await expect(proposed).rejects.toMatchObject({ code: 'READ_FAILED' });
    expect(existsSync(at('vault/candidates'))).toBe(false);
  });

  it('builds a candidate of released rows, one signer capped, and compares it with the last baseline', async () => {
    const { exitCode, stdout, stderr } = await promote('--by', 'cleo', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    candidate = JSON.parse(stdout) as Candidate;
    expect(candidate).toMatchObject({
      ...{ dataset: 'd', number: 2, rows: 600, leftOut: 1 },
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
        { with: 'last', baseline: candidate.first, verdict: 'release' },
      ],
    });
    const shown = await promote('--candidate', candidate.sha256.slice(0, 8));
    expect(shown.stdout).toContain('signer        acme: 300 rows, 50.0 %; 300 beyond its share are left out');
    expect(shown.stdout).toContain('with the last nothing in its rows is out of the ordinary');
    const { baselineUri } = await openPlan(fileStore, at('vault'), await storePlan(fileStore, dataset(), 'wasm'));
    expect(baselineUri).toContain(candidate.last);
  });

  it('is proposed once', async () => {
    const again = await promote('--by', 'cleo');
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was proposed before') });
    expect((await audited()).map(({ facts }) => facts['step'])).toEqual(['proposed']);
  });

  it('takes strangers for nobody, and one approval for too few', async () => {
    expect(await approve(candidate.sha256, 'eve')).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await approve('0'.repeat(64), 'ann')).toMatchObject({ exitCode: 2, stdout: '' });
    const start = candidate.sha256.slice(0, 8);
    expect((await approve(start.slice(1), 'ann')).stderr).toContain('give at least 8 digits');
    const alike = at('vault/candidates', start.padEnd(64, '0'));
    mkdirSync(alike);
    expect((await approve(start, 'ann')).stderr).toContain(`several candidates that begin with ${start}`);
    rmSync(alike, { recursive: true });
    const first = await approve(start, 'ann');
    expect(first).toMatchObject({ exitCode: 0, stdout: `${candidate.sha256} is approved by ann; it takes 2\n` });
    expect(await approve(candidate.sha256, 'ann')).toMatchObject({ stdout: expect.stringContaining('it takes 2') });
    const { baselineUri } = await openPlan(fileStore, at('vault'), await storePlan(fileStore, dataset(), 'wasm'));
    expect(baselineUri).toContain(candidate.last);
  });

  it('is not approved of where a batch that it is made of is to be judged again', async () => {
    const refused = await approvedAfter({ kind: 'rescan', plan: '0'.repeat(64), at: 'now' }, candidate.sha256);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('batch monday, which it is made of'),
    });
  });

  it('is not approved of where a batch that it is made of was recalled', async () => {
    const { decision = '' } = currentJudgement(await readRecords(fileStore, at('vault'), 'monday')) ?? {};
    const recalled = { kind: 'recalled', decision, released: [], reason: 'planted', by: null, at: 'now' } as const;
    const refused = await approvedAfter(recalled, candidate.sha256);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('batch monday, which it is made of, was recalled'),
    });
  });

  it.each([{ number: 7 }, { first: '0'.repeat(64) }, { batches: [] }, { comparisons: [] }])(
    'is neither shown nor approved of where somebody has written %o into it',
    async (changed) => {
      const path = at('vault/candidates', candidate.sha256, 'candidate.json');
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, JSON.stringify({ ...candidate, ...changed }));
      const outcomes = [await promote('--candidate', candidate.sha256), await approve(candidate.sha256, 'bob')];
      writeFileSync(path, text);
      const said = expect.stringContaining('is not what the audit log says was proposed');
      for (const outcome of outcomes) expect(outcome).toMatchObject({ exitCode: 2, stdout: '', stderr: said });
    },
  );

  it('is promoted for the last approver as well who comes second', async () => {
    const store: ObjectStore = {
      ...fileStore,
      create: async (root, path, content) =>
        (await fileStore.create(root, path, content)) && !path.startsWith('promotions/'),
    };
    const key = loadSigningKey(at('bob.pem'));
    const second = await approveOf(store, dataset(), { sha256: candidate.sha256, key, reason: 'agreed' });
    expect(second).toMatchObject({ isPromoted: true, signers: ['ann', 'bob'] });
    rmSync(at('vault/promotions'), { recursive: true });
  });

  it('is what a rescan judges by once two have approved, and each step is in the audit log', async () => {
    const second = await approve(candidate.sha256, 'bob');
    expect(second.stdout).toContain('is judged by');
    const scheduling = { store: fileStore, queue, config: config() };
    const plan = await currentPlan(scheduling, dataset());
    expect(await rescan(scheduling, dataset(), 'monday', plan)).toBe(true);
    const { baselineUri } = await openPlan(fileStore, at('vault'), plan);
    expect(baselineUri).toContain(candidate.sha256);
    const steps = (await audited()).map(({ by, facts }) => `${facts['step']} ${by}`);
    const last = ['approved bob', 'promoted null'];
    expect(steps).toEqual(['proposed cleo', 'approved ann', 'approved ann', ...last, ...last]);
    await batch('wednesday', 'beta', { 'd.csv': tabularCsv('d', 300) });
    const judged = currentJudgement(await readRecords(fileStore, at('vault'), 'wednesday'));
    expect(judged?.rests.artefact).toBe(candidate.sha256);
    const late = await approve(candidate.sha256, 'bob');
    expect(late).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('by now') });
  });

  it('compares the next one with the first as well, and says what has moved', async () => {
    const moved = tabularCsv('moved', 300)
      .split('\n')
      .map((line, row) =>
        row === 0 ? line : line.replace(/high$|low$/, (label) => (label === 'high' ? 'low' : 'high')),
      );
    await writeFiles(at('moved'), { 'rows.csv': moved.join('\n') });
    const { exitCode, stdout } = await promote('--from', 'wednesday', 'wednesday', '--with', at('moved'), '--json');
    expect(exitCode).toBe(1);
    const next = JSON.parse(stdout) as Candidate;
    expect(next).toMatchObject({ number: 3, last: candidate.sha256, first: candidate.first });
    expect(next.shares).toEqual([{ signer: 'beta', rows: 300, leftOut: 0 }]);
    const [, last, first] = next.comparisons;
    for (const one of [last, first]) {
      expect(one?.verdict).toBe('quarantine');
      expect(one?.findings.some(({ kind, excessRows }) => kind === 'label-flip' && (excessRows ?? 0) > 100)).toBe(true);
    }
    expect(first?.baseline).toBe(candidate.first);
  });

  it('refuses rows of one signer alone, and batches that are not judged', async () => {
    expect(await promote('--from', 'wednesday')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no signer may stand behind more than 0.5'),
    });
    expect(await promote('--from', 'never')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('never') });
  });

  it('counts rows that two have signed towards each of them', async () => {
    await batch('friday', 'acme', { 'f.csv': tabularCsv('f', 300) }, 'beta');
    expect(await promote('--from', 'wednesday', 'friday')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no signer may stand behind more than 0.5'),
    });
  });

  it('does not judge by a promotion that somebody has written to the vault without the keys', async () => {
    const path = at('vault/promotions/000002/approval.json');
    const text = readFileSync(path, 'utf8');
    const envelope = JSON.parse(text) as { payload: string; signatures: object[] };
    writeFileSync(path, JSON.stringify({ ...envelope, signatures: envelope.signatures.slice(1) }));
    await expect(storePlan(fileStore, dataset(), 'wasm')).rejects.toThrow('it takes signatures of 2 keys');
    writeFileSync(path, text);
  });

  it('leaves records of which the audit log tells when they are changed', async () => {
    const record = at('vault/batches/tuesday/records/000001.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace('"released": false', '"released": true').replace('"mode"', ' "mode"'));
    const found = await taster('audit', 'verify', at('vault/audit'));
    expect(found).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is not one that the log knows') });
    writeFileSync(record, text);
    expect(await taster('audit', 'verify', at('vault/audit'))).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('records are those that the log names'),
    });
  });
});
