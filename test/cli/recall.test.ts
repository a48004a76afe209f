import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readLog } from '../../src/audit/index.js';
import { addRecord, findArrival, readRecords, recordJudgement, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import {
  auditDecision,
  auditRescan,
  auditReview,
  enforce,
  type Review,
  recordReview,
  standings,
} from '../../src/enforce/index.js';
import { Transient } from '../../src/errors.js';
import { type IncidentRecord, schemaProblem } from '../../src/schema/index.js';
import { anyStore, sha256Of } from '../../src/store/index.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const inFolder = temporaryFolder();
let tests = 0;
/** Of each test its own: a log that was begun anew in the place of one that this process has seen is refused. */
const at = (...parts: string[]) => inFolder(String(tests), ...parts);
const { own: key, open } = keyPair();
const BATCHES = ['monday', 'tuesday', 'wednesday'];
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
interface Predicate {
  dataset: string;
  timeVerified: string;
  rests: { decision: string };
}
const CUT_OFF = new Transient('WRITE_FAILED', { path: 'it', detail: 'cut off' });
const other = { name: 'another', digest: { sha256: '0'.repeat(64) } };
const [FIRST, SECOND] = ['1', '2'];
let signing: string[];
let ofService: string[];
let dataset: Dataset;

beforeEach(async () => {
  tests++;
  signing = ['--status', at('status.json'), '--key', at('scanner.pem')];
  ofService = ['--config', at('config.json'), ...signing];
  mkdirSync(at(), { recursive: true });
  const settings = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  writeFileSync(at('scanner.pem'), privatePem(key));
  const verifiers = [{ name: 'scanner', key: publicPem(open), datasets: ['*'] }];
  writeFileSync(at('trust.json'), JSON.stringify({ version: 1, verifiers }));
  dataset = loadConfig(at('config.json')).datasets.get('d') as Dataset;
  for (const batch of BATCHES) {
    mkdirSync(at('in', batch), { recursive: true });
    writeFileSync(at('in', batch, 'a.csv'), `sound ${batch}`);
    await sealArrival(anyStore, dataset, await findArrival(anyStore, dataset, batch));
    await judge(batch);
  }
});

/** Judges that all of a batch is sound, and does what that says. */
async function judge(batch: string, name = FIRST): Promise<void> {
  const [plan, report] = [sha256Of(`plan ${name}`), '{"sources":[],"findings":[]}'];
  const content = JSON.stringify({ batch, name });
  const decision = sha256Of(content);
  const folder = `${dataset.vault}/batches/${batch}/decisions/${decision}`;
  await anyStore.create(folder, 'decision.json', Buffer.from(content));
  await anyStore.create(folder, 'report.json', Buffer.from(report));
  const shards = [{ path: 'a.csv', sha256: sha256Of(`sound ${batch}`), released: true }];
  const judged = { kind: 'judged', plan, decision, mode: 'enforce', rests: RESTS, shards } as const;
  const records = await readRecords(anyStore, dataset.vault, batch);
  const number = records.length + 1;
  const asked = number > 1 ? await auditRescan(anyStore, dataset, batch, { judged, plan, number }) : undefined;
  if (asked !== undefined) await addRecord(anyStore, dataset.vault, batch, records.length, asked);
  await auditDecision(anyStore, dataset, batch, judged, { report: sha256Of(report), seal: null, asked });
  await recordJudgement(anyStore, dataset.vault, batch, judged, async () => {});
  await enforce(anyStore, dataset, batch, key);
}

afterEach(() => {
  vi.restoreAllMocks();
});

async function review(action: Review['action'], name = FIRST): Promise<void> {
  const decision = sha256Of(JSON.stringify({ batch: 'monday', name }));
  const said = { reviewer: 'eve', reason: 'seen', at: 'now', shards: ['a.csv'] };
  const reviewed = { action, decision, ...said };
  await recordReview(anyStore, dataset, 'monday', reviewed, (judged) =>
    auditReview(anyStore, dataset, 'monday', { judged, review: reviewed }),
  );
  await enforce(anyStore, dataset, 'monday', key);
}

const gate = (batch = 'monday', ...more: string[]) =>
  taster('gate', at('released', batch), '--trust', at('trust.json'), '--status', at('status.json'), ...more);
const recall = (...more: string[]) => taster('recall', ...ofService, '--reason', 'planted', ...more);
const liftOf = (batch: string, ...more: string[]) =>
  taster('recall', '--lift', ...ofService, '--batch', batch, '--by', 'ben', '--reason', 'it was tuesday', ...more);
const lift = (...more: string[]) => liftOf('monday', ...more);
const files = (root: string) =>
  readdirSync(at(root), { recursive: true }).filter((name) => String(name).endsWith('.csv'));
const list = () => {
  const { payload } = JSON.parse(readFileSync(at('status.json'), 'utf8')) as { payload: string };
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as { recalled: { batch: string; recalled: string }[] };
};
const listed = () =>
  list()
    .recalled.map(({ batch }) => batch)
    .sort();
const standing = async () =>
  standings(await readRecords(anyStore, dataset.vault, 'monday'), 1).map((shard) => shard.standing);
const kinds = async () => (await readRecords(anyStore, dataset.vault, 'monday')).map(({ kind }) => kind);

describe('a recall of several batches', () => {
  it('tells of those that fail, with what to do, and recalls the others all the same', async () => {
    writeFileSync(at('vault/batches/tuesday/records/000002.json'), '{}');
    rmSync(at('vault/batches/wednesday/seal.json'));
    const told = await recall('--since', '2026-01-01', '--json');
    const incident = JSON.parse(told.stdout);
    expect(incident.moved).toMatchObject([{ batch: 'monday', path: 'a.csv', state: 'quarantined' }]);
    expect(incident.records).toEqual([{ dataset: 'd', batch: 'monday', record: 3 }]);
    const failure = { dataset: 'd', code: 'RECORD_DAMAGED', remedy: expect.stringContaining('Put the object back') };
    expect(incident.failed.slice(0, 2)).toMatchObject([
      { ...failure, batch: 'tuesday', message: expect.stringContaining('000002.json') },
      { ...failure, batch: 'wednesday', message: expect.stringContaining('which shards it has') },
    ]);
    expect(told.exitCode).toBe(3);
    expect(told.stderr).toContain('d/tuesday');
    // Gates refuse them whatever has failed.
    expect(listed()).toEqual(BATCHES);
    expect(files('released').sort()).toEqual(['tuesday/a.csv', 'wednesday/a.csv']);
    const again = await recall('--batch', 'tuesday');
    expect(again).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('failed      d/tuesday: ') });
  });

  it('keeps in the vault what it tells: when, by whom, what was asked for, which bytes, and who has read them', async () => {
    await taster('recall', ...signing);
    const audit = ['--audit', at('passes')];
    expect(await gate('monday', '--consumer', 'model 7', ...audit)).toMatchObject({ exitCode: 0 });
    await recall('--batch', 'monday', '--dry-run', ...audit);
    expect(existsSync(at('vault/incidents'))).toBe(false);
    const { stdout } = await recall('--batch', 'monday', '--since', '2026-01-01', '--by', 'ann', '--json', ...audit);
    expect(readdirSync(at('vault/incidents'))).toEqual([`${sha256Of(stdout)}.json`]);
    const incident = JSON.parse(stdout) as IncidentRecord;
    expect(schemaProblem('incident', incident)).toBeUndefined();
    const [pass] = (await readLog(anyStore, at('passes'))).entries;
    expect(incident).toMatchObject({
      ...{ by: 'ann', reason: 'planted', dryRun: false, recalledAt: list().recalled[0]?.recalled },
      query: { batch: ['monday'], since: '2026-01-01T00:00:00.000Z', source: null },
      recalled: [{ released: [{ path: 'a.csv', sha256: sha256Of('sound monday') }] }],
      consumers: [{ dataset: 'd', batch: 'monday', consumer: 'model 7', passedAt: pass?.time }],
    });
    const text = await recall('--batch', 'monday', '--by', 'ann', ...audit);
    expect(text.stdout).toMatch(/^incident {4}\S+Z, by ann: planted\nasked for {3}batch monday\n/);
    expect(text.stdout).toContain(`read by     model 7: d/monday, at ${pass?.time}\n`);
  });

  it('tells of a log that cannot be read', async () => {
    writeFileSync(at('vault/audit/0000000006.json'), '{}');
    const { exitCode, stdout } = await recall('--batch', 'monday', '--json');
    expect([exitCode, listed()]).toEqual([3, ['monday']]);
    const { failed } = JSON.parse(stdout) as { failed: { code: string; batch: string | null }[] };
    expect(failed).toMatchObject([
      { code: 'AUDIT_REFUSED', batch: 'monday' },
      { code: 'AUDIT_BROKEN', batch: null },
    ]);
  });

  it('moves them all the same where the log of --audit is not as it was, and tells that once, apart', async () => {
    const audit = ['--audit', at('passes')];
    await recall('--batch', 'monday', ...audit);
    writeFileSync(at('passes/0000000001.json'), '{}');
    rmSync(at('vault/batches/wednesday/seal.json'));
    const told = await recall('--since', '2026-01-01', '--json', ...audit);
    const { failed, moved } = JSON.parse(told.stdout) as Record<string, { batch: string | null; state?: string }[]>;
    expect(failed).toMatchObject([
      { dataset: null, batch: null, code: 'AUDIT_BROKEN' },
      { dataset: 'd', batch: 'wednesday', code: 'RECORD_DAMAGED' },
    ]);
    expect(moved?.map(({ batch, state }) => [batch, state])).toEqual([
      ['monday', 'quarantined'],
      ['tuesday', 'quarantined'],
    ]);
    expect([told.exitCode, listed()]).toEqual([3, BATCHES]);
    expect(told.stderr).toContain(
      'not done for 1 of the batches: d/wednesday; not written or read to the end: the log of --audit',
    );
  });

  it('tells each that fails once', async () => {
    writeFileSync(at('vault/batches/tuesday/records/000002.json'), '{}');
    const { stdout } = await recall('--batch', 'tuesday', '--json');
    expect(JSON.parse(stdout).failed).toMatchObject([{ batch: 'tuesday' }]);
  });

  it('puts on the list again what stands, also of what failed, and nothing that was lifted meanwhile', async () => {
    await recall('--batch', 'tuesday');
    const { create } = anyStore;
    let isFirst = true;
    vi.spyOn(anyStore, 'create').mockImplementation(async (root, path, content) => {
      const text = Buffer.from(content).toString();
      // Its second recall cannot be carried out to the end.
      if (path.includes('tuesday/records/') && text.includes('"settled"')) throw CUT_OFF;
      if (path.includes('monday/records/') && isFirst) {
        isFirst = false;
        expect(await liftOf('tuesday')).toMatchObject({ exitCode: 0 });
        expect(listed()).toEqual(['monday']);
      }
      return create(root, path, content);
    });
    expect(await recall('--batch', 'monday', '--batch', 'tuesday')).toMatchObject({ exitCode: 3 });
    expect([listed(), await standing()]).toEqual([['monday', 'tuesday'], ['recalled']]);
    vi.restoreAllMocks();
    vi.spyOn(anyStore, 'create').mockImplementation(async (root, path, content) => {
      if (path.includes('wednesday/records/') && listed().includes('monday'))
        expect(await lift()).toMatchObject({ exitCode: 0 });
      return create(root, path, content);
    });
    expect(await recall('--batch', 'monday', '--batch', 'wednesday')).toMatchObject({ exitCode: 0 });
    expect(listed()).toEqual(['tuesday', 'wednesday']);
  });

  it('is said in the log of --audit again after a lift that was not', async () => {
    const audit = ['--audit', at('passes')];
    for (const _ of ['once', 'again']) {
      await recall('--batch', 'monday', ...audit);
      await recall('--batch', 'monday', ...audit);
      expect(await lift()).toMatchObject({ exitCode: 0 });
    }
    const { entries } = await readLog(anyStore, at('passes'));
    expect(entries.map(({ event }) => event)).toEqual(['recall', 'recall']);
  });

  it.each([
    ['is damaged', '{"payload": ', 'it is no signed list: does not conform to its schema: it must be object'],
    ['is no list', '{}', 'it is no signed list'],
  ])('writes over no list that %s', async (_, content, problem) => {
    writeFileSync(at('foreign.json'), content);
    const refused = await taster('recall', '--status', at('foreign.json'), '--key', at('scanner.pem'));
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(problem) });
    expect(refused.stderr).toContain('Put it back as it was written');
    expect(readFileSync(at('foreign.json'), 'utf8')).toBe(content);
  });

  it('says in the incident what it could not tell', async () => {
    mkdirSync(at('released/forged'));
    copyFileSync(at('released/monday/verdict.json'), at('released/forged/verdict.json'));
    writeFileSync(at('released/tuesday/verdict.json'), '{}');
    const { exitCode, stdout, stderr } = await recall('--since', '2026-01-01', '--json');
    const { unclear, recalled, failed } = JSON.parse(stdout) as Record<string, { path?: string; batch?: string }[]>;
    expect(unclear?.map(({ path }) => path)).toEqual([
      at('released/tuesday/verdict.json'),
      at('released/forged/verdict.json'),
    ]);
    // The vault tells that tuesday is meant; nothing can take the place of what cannot be read.
    expect(recalled?.map(({ batch }) => batch)).toEqual(['monday', 'tuesday', 'wednesday']);
    expect([exitCode, listed(), failed?.map(({ batch }) => batch)]).toEqual([3, BATCHES, ['tuesday']]);
    expect(stderr).toContain('the vault does not know its batch: find out who wrote it');
  });

  /** The verdict on tuesday, as somebody else has it. */
  const forge = (change: (statement: { subject: { name: string }[]; predicate: Predicate }) => void) => {
    const { payload, ...envelope } = JSON.parse(readFileSync(at('released/tuesday/verdict.json'), 'utf8'));
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
    change(statement);
    const forged = Buffer.from(JSON.stringify(statement)).toString('base64');
    writeFileSync(at('released/tuesday/verdict.json'), JSON.stringify({ ...envelope, payload: forged }));
  };
  const asMallory = () => {
    const decision = sha256Of(JSON.stringify({ batch: 'tuesday', name: FIRST }));
    const report = JSON.stringify({ sources: [{ name: 'mallory' }], findings: [] });
    writeFileSync(at('vault/batches/tuesday/decisions', decision, 'report.json'), report);
  };
  const since = ['--since', '2026-01-01'];

  it.each<[string, string[], () => void, number]>([
    [
      'that of another batch',
      since,
      () => copyFileSync(at('released/monday/verdict.json'), at('released/tuesday/verdict.json')),
      1,
    ],
    ['of another batch, whichever', ['--batch', 'tuesday'], () => forge(({ subject }) => (subject[0] = other)), 1],
    ['of another dataset', since, () => forge(({ predicate }) => (predicate.dataset = 'e')), 1],
    [
      'of another time',
      since,
      () => forge(({ predicate }) => (predicate.timeVerified = '2000-01-01T00:00:00.000Z')),
      0,
    ],
    [
      'of a decision that nobody knows',
      ['--source', 'mallory'],
      () => forge(({ predicate }) => (predicate.rests.decision = 'f'.repeat(64))),
      1,
    ],
  ])('finds a batch whose verdict is %s, and lists it', async (_, query, putInPlace, code) => {
    asMallory();
    putInPlace();
    const { exitCode, stdout } = await recall(...query, '--json');
    const { moved, unclear } = JSON.parse(stdout) as Record<string, { batch?: string; path?: string }[]>;
    expect(moved).toContainEqual(expect.objectContaining({ batch: 'tuesday', state: 'quarantined' }));
    expect([exitCode, unclear?.map(({ path }) => path)]).toEqual([
      code,
      code === 0 ? [] : [at('released/tuesday/verdict.json')],
    ]);
    expect([files('released').includes('tuesday/a.csv'), listed().includes('tuesday')]).toEqual([false, true]);
  });

  it('leaves what was released before the time that is meant, whatever lies beside it', async () => {
    forge(({ predicate }) => (predicate.timeVerified = '2000-01-01T00:00:00.000Z'));
    const { exitCode, stderr } = await recall('--since', new Date().toISOString());
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no verdict matches')]);
    expect(files('released')).toHaveLength(3);
  });

  it('may be at work beside another with the same list', async () => {
    const ended = await Promise.all([
      recall('--batch', 'monday', '--batch', 'tuesday', '--json'),
      recall('--batch', 'tuesday', '--batch', 'wednesday', '--json'),
    ]);
    expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr.includes('failed')])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect(ended.map(({ stdout }) => JSON.parse(stdout).moved.length)).toEqual([2, 2]);
    expect([listed(), files('released')]).toEqual([BATCHES, []]);
  });
});

describe('a recall that was made in error', () => {
  it('is lifted by somebody who says why, and that alone brings no byte back', async () => {
    await recall('--batch', 'monday', '--batch', 'tuesday', '--by', 'ann');
    expect([await standing(), listed()]).toEqual([['recalled'], ['monday', 'tuesday']]);
    const lifted = await lift('--json');
    expect(lifted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(lifted.stdout)).toMatchObject({
      ...{ reason: 'it was tuesday', by: 'ben', failed: [] },
      lifted: [{ dataset: 'd', batch: 'monday', record: 5, recall: { record: 3, reason: 'planted', by: 'ann' } }],
      unlisted: [{ dataset: 'd', batch: 'monday', reason: 'planted' }],
    });
    expect([await standing(), listed()]).toEqual([['held'], ['tuesday']]);
    expect(await kinds()).toEqual(['judged', 'settled', 'recalled', 'settled', 'lifted']);
    await enforce(anyStore, dataset, 'monday', key);
    expect(files('released')).toEqual(['wednesday/a.csv']);
    expect(await gate()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('releases no shard') });
    const { entries } = await readLog(anyStore, at('vault/audit'));
    const facts = { recall: 3, number: 5, reason: 'it was tuesday' };
    expect(entries.at(-1)).toMatchObject({ event: 'lift', by: 'ben', batch: { name: 'monday' }, facts });
    const verified = await taster('audit', 'verify', at('vault/audit'));
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('lift  d/monday  by ben') });
  });

  it('is released by a review alone, whatever a later judgement says', async () => {
    await recall('--batch', 'monday');
    await lift();
    await judge('monday', SECOND);
    expect([await standing(), files('released').includes('monday/a.csv')]).toEqual([['held'], false]);
    await review('release', SECOND);
    expect([await standing(), readFileSync(at('released/monday/a.csv'), 'utf8')]).toEqual([
      ['released'],
      'sound monday',
    ]);
    expect(await gate()).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('recalled') });
    expect(await taster('audit', 'verify', at('vault/audit'))).toMatchObject({ exitCode: 0 });
  });

  it('is taken off the list where a review had released it before', async () => {
    await recall('--batch', 'monday');
    for (const action of ['reopen', 'release'] as const) await review(action);
    expect(await gate()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(': planted') });
    expect(await lift()).toMatchObject({ exitCode: 0 });
    expect([await standing(), (await gate()).exitCode]).toEqual([['released'], 0]);
  });

  it('can be recalled again, and be lifted again', async () => {
    for (const round of [1, 2]) {
      expect([round, await recall('--batch', 'monday')]).toMatchObject([round, { exitCode: 0 }]);
      expect([await standing(), listed()]).toEqual([['recalled'], ['monday']]);
      expect([round, await lift()]).toMatchObject([round, { exitCode: 0, stderr: '' }]);
      expect([await standing(), listed()]).toEqual([['held'], []]);
    }
    expect((await kinds()).filter((kind) => ['recalled', 'lifted'].includes(kind))).toEqual([
      ...['recalled', 'lifted', 'recalled', 'lifted'],
    ]);
    expect(await taster('audit', 'verify', at('vault/audit'))).toMatchObject({ exitCode: 0 });
  });

  it('is lifted to the end where that was cut off before the list was written', async () => {
    await recall('--batch', 'monday');
    const list = readFileSync(at('status.json'));
    await lift();
    writeFileSync(at('status.json'), list);
    expect(await lift()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('off list    d/monday') });
    expect([await kinds(), listed()]).toMatchObject([{ length: 5 }, []]);
    expect(await lift()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing was lifted') });
  });

  it('stays on the list while its records are damaged', async () => {
    await recall('--batch', 'monday', '--batch', 'tuesday');
    writeFileSync(at('vault/batches/monday/records/000004.json'), '{}');
    const lifted = await lift('--batch', 'tuesday', '--json');
    expect(lifted.exitCode).toBe(3);
    expect(JSON.parse(lifted.stdout)).toMatchObject({
      lifted: [{ batch: 'tuesday' }],
      failed: [{ batch: 'monday', code: 'RECORD_DAMAGED' }],
    });
    expect(listed()).toEqual(['monday']);
  });

  it.each([
    ['its record', 'records/000003.json', []],
    ['the verdict', '_verdict-2.json', ['recalled']],
    ['its end', 'records/000004.json', ['recalled']],
  ])('is lifted by nobody where it was cut off before %s', async (_, last, recorded) => {
    const { create } = anyStore;
    vi.spyOn(anyStore, 'create').mockImplementation(async (root, path, content) => {
      if (path.endsWith(last)) throw CUT_OFF;
      return create(root, path, content);
    });
    expect(await recall('--batch', 'monday')).toMatchObject({ exitCode: 3 });
    vi.restoreAllMocks();
    const refused = await lift('--json');
    expect(refused.exitCode).toBe(3);
    const { lifted, unlisted, failed } = JSON.parse(refused.stdout);
    expect([lifted, unlisted, failed]).toMatchObject([[], [], [{ batch: 'monday', code: 'RECALL_UNFINISHED' }]]);
    expect([await kinds(), listed()]).toEqual([['judged', 'settled', ...recorded], ['monday']]);
    expect(await recall('--batch', 'monday')).toMatchObject({ exitCode: 0 });
    expect(await lift()).toMatchObject({ exitCode: 0 });
    expect(await gate()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('releases no shard') });
  });

  it('is not lifted by a list that is not there: nothing is written down', async () => {
    await recall('--batch', 'monday');
    rmSync(at('status.json'));
    const before = readdirSync(at('vault/audit'));
    const refused = await lift();
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('status.json') });
    expect([existsSync(at('status.json')), readdirSync(at('vault/audit')), await standing()]).toEqual([
      ...[false, before, ['recalled']],
    ]);
  });

  it('may be one that only the list knows, and is taken off it', async () => {
    await taster('recall', at('released/monday'), '--reason', 'planted', ...signing);
    expect(await lift()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('off list    d/monday') });
    expect([await kinds(), listed(), (await gate()).exitCode]).toEqual([['judged', 'settled'], [], 0]);
  });

  it('is lifted by nobody where the verdict that took its place is gone', async () => {
    await recall('--batch', 'monday');
    rmSync(at('released/monday/_verdict-2.json'));
    expect(await lift()).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('Run the recall to its end') });
    expect(listed()).toEqual(['monday']);
  });

  it('is not lifted by a record that the log does not know', async () => {
    await recall('--batch', 'monday');
    const lifted = { kind: 'lifted', recall: 3, reason: 'forged', by: 'eve', at: 'now' } as const;
    await addRecord(anyStore, dataset.vault, 'monday', 4, lifted);
    const verified = await taster('audit', 'verify', at('vault/audit'));
    expect(verified).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('record 000005.json') });
    expect(files('released')).not.toContain('monday/a.csv');
  });

  it('is told by logs and lists alone where no service has released it', async () => {
    const alone = ['--audit', at('audit'), ...signing];
    const take = () => taster('recall', at('released/monday'), '--reason', 'planted', ...alone);
    const back = () =>
      taster('recall', '--lift', '--batch', 'monday', '--by', 'ben', '--reason', 'not that one', ...alone);
    for (const round of [1, 2]) {
      expect([round, await take()]).toMatchObject([round, { exitCode: 0 }]);
      expect([(await gate()).exitCode, listed()]).toEqual([1, ['monday']]);
      expect([round, await back()]).toMatchObject([round, { exitCode: 0 }]);
      expect([(await gate()).exitCode, listed()]).toEqual([0, []]);
    }
    const { entries } = await readLog(anyStore, at('audit'));
    expect(entries.map(({ event, by }) => `${event} ${by}`)).toEqual([
      ...['recall null', 'lift ben', 'recall null', 'lift ben'],
    ]);
  });

  it('is lifted by nobody without a name, a reason or a log, nor by anything but names of batches', async () => {
    const [said, named] = [
      ['--reason', 'x', '--by', 'ben'],
      ['--batch', 'monday'],
    ];
    for (const flags of [
      [...ofService, ...named, '--by', 'ben'],
      [...ofService, ...named, '--reason', 'x'],
      [...ofService, ...said],
      [...signing, ...named, ...said],
      [...ofService, ...named, ...said, '--since', '2026-01-01'],
      [...ofService, ...named, ...said, '--dry-run'],
      [at('released'), ...ofService, ...named, ...said],
    ]) {
      const refused = await taster('recall', '--lift', ...flags);
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--lift') });
    }
    const settings = { incoming: 'in2', released: 'released2', quarantine: 'quarantine2', vault: 'vault2' };
    const { datasets } = JSON.parse(readFileSync(at('config.json'), 'utf8'));
    writeFileSync(at('config.json'), JSON.stringify({ datasets: { ...datasets, e: settings } }));
    expect(await lift()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--dataset') });
  });
});
