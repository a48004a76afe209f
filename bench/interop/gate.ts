import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeText, seal } from '../../src/attest/index.js';
import { readLog } from '../../src/audit/index.js';
import { released } from '../../src/client/index.js';
import { BadInput } from '../../src/errors.js';
import { statusListText, verdictOf } from '../../src/gate/index.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';

const names = ['a.csv', 'deep/ü b.csv', 'held.csv'];
const verified = new Date('2026-03-01T00:00:00Z');
const expires = new Date('2026-03-02T00:00:00Z');
const now = new Date('2026-03-01T12:00:00Z');

const CONSUMER = 'model ü';
/** Runs the client on every folder and prints what it lets through, or why it refuses. */
const program = `
import json, os, sys, datetime
sys.path.insert(0, 'clients/python')
from taster_gate import released, Refused
for folder, verdict, now, in_place, names_status in json.load(sys.stdin):
    at = datetime.datetime.fromtimestamp(now / 1000, datetime.timezone.utc)
    try:
        status = f'{folder}/status.json'
        status = status if names_status or os.path.exists(status) else None
        trust = f'{folder}/trust.json'
        log = dict(consumer='model ü', audit=f'{folder}/audit')
        files = released(f'{folder}/batch', f'{folder}/{verdict}', trust, 'weather', at, status, in_place, **log)
        print(json.dumps({'passed': [f.name for f in files], 'problems': []}))
    except Refused as refused:
        print(json.dumps({'passed': [], 'problems': refused.problems}))
`;

/** What becomes of a refusal in a worker process of a loader: it is pickled, or raised again with its text. */
const refusals = `
import json, pickle, sys
sys.path.insert(0, 'clients/python')
from taster_gate import Refused
both = pickle.loads(pickle.dumps(Refused(['a', 'b']))), Refused('c; d')
print(json.dumps([[one.problems, str(one)] for one in both]))
`;

export interface Scenario {
  readonly folder: string;
  readonly name: string;
  readonly now: Date;
  /** What is named as the verdict. */
  readonly verdict: string;
  readonly isInPlace: boolean;
  /** True also where it is not there. */
  readonly isStatusNamed: boolean;
  /** Names of what passes; none where it must be refused. */
  readonly passes: readonly string[];
}

type Change = {
  readonly by?: 'stranger' | 'auditor';
  readonly curve?: 'P-256' | 'P-384';
  readonly statement?: (statement: VerdictStatement) => object;
  readonly text?: (text: string) => string;
  readonly verifier?: object;
  readonly files?: (folder: string) => Promise<void>;
  /** Issued with the verdict; days that it counts, whether it names the batch, and who signs it if not the verifier. */
  readonly status?: { readonly expires?: Date; readonly names?: true; readonly by?: 'stranger' };
  /** Undefined: the policy does not say. */
  readonly requireStatus?: boolean | undefined;
  /** Names a list that is not there. */
  readonly namesStatus?: true;
  readonly now?: Date;
  /** Verdicts that came later, in a folder with the first one: the names that each releases, and what its text becomes. */
  readonly later?: readonly {
    readonly releases: readonly string[];
    readonly by?: 'stranger';
    readonly text?: (text: string) => string;
    /** Hours after the first one, where it is not of the same time. */
    readonly hours?: number;
  }[];
  /** Copies the first one, as somebody may who can write to the folder, to this name. */
  readonly putBackAs?: { readonly name: string; readonly text?: (text: string) => string };
  /** What of that folder is named: all of it where empty. */
  readonly named?: string;
  readonly inPlace?: true;
  readonly passes?: true | readonly string[];
};

/** What must not be told of a policy that holds it where a path or a public key belongs. */
const PRIVATE = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const auditor = generateKeyPairSync('ed25519');
const CLEANED = 'held.csv.clean.csv';
/** A shard that was condemned since. */
const CONDEMNED = { releases: ['deep/ü b.csv'] };
const NOTHING = { releases: [] };

const changes: Readonly<Record<string, Change>> = {
  'as it is': { passes: true },
  'signed on P-256': { curve: 'P-256', passes: true },
  'signed on P-384': { curve: 'P-384', passes: true },
  'for datasets with an ending': { verifier: { datasets: ['wea*'] }, passes: true },
  'of a stranger': { by: 'stranger' },
  'of somebody who may sign checkpoints': { by: 'auditor' },
  'of another dataset': { statement: (statement) => withFacts(statement, { dataset: 'snow' }) },
  'of a key for other datasets': { verifier: { datasets: ['snow', 'wea'] } },
  'of a revoked key': { verifier: { revoked: true } },
  'of a key that counts later': { verifier: { from: '2026-03-01T00:00:01Z' } },
  'of a key that counts no more': { verifier: { until: '2026-03-01T12:00:00Z' } },
  'of a key that counts until no time': { verifier: { until: '2026-13-01T00:00:00Z' } },
  'under a policy whose datasets are no list': { verifier: { datasets: 'climate-*' } },
  'under a policy with an unknown setting': { verifier: { revokd: true } },
  expired: { now: expires },
  'that expires at no time': { statement: (statement) => withFacts(statement, { expires: '2026-99-01T00:00:00Z' }) },
  'with a shard less': {
    statement: (statement) => withFacts(statement, { shards: statement.predicate.shards.slice(1) }),
  },
  'of another type': { statement: (statement) => ({ ...statement, predicateType: 'https://example.com/verdict' }) },
  'in the alphabet that is safe in URLs': { text: inUrlAlphabet, passes: true },
  'with a changed payload': { text: (text) => text.replace(/"payload": "(.{40})./, '"payload": "$1x') },
  'that names another key': { text: (text) => text.replace(/"keyid": "./, '"keyid": "x') },
  'that is no JSON': { text: (text) => text.slice(1) },
  'beside a changed file': { files: (folder) => writeFile(join(folder, 'batch', 'a.csv'), 'A.csv') },
  'beside an unknown file': { files: (folder) => writeFile(join(folder, 'batch', 'new.csv'), 'new') },
  'beside a file that is no shard by its manifest': {
    ...{ files: (folder) => writeFile(join(folder, 'batch', 'new.csv'), 'new'), passes: true },
    statement: (statement) => withFacts(statement, { beside: ['new.csv'] }),
  },
  'without a released file': { files: (folder) => rm(join(folder, 'batch', 'a.csv')) },
  'with a list of what was recalled': { status: {}, requireStatus: true, passes: true },
  'without the list that is required': { requireStatus: true },
  'without a list, of which the policy does not speak': { requireStatus: undefined },
  'with a list, of which the policy does not speak': { status: {}, requireStatus: undefined, passes: true },
  'with a list that is not there': { namesStatus: true },
  'that is not there': { later: [], named: 'missing.json' },
  'that is not there yet': { files: (folder) => rm(join(folder, 'released/verdict.json')), later: [] },
  'that is not there yet, named': {
    ...{ files: (folder) => rm(join(folder, 'released/verdict.json')), later: [], named: 'verdict.json' },
  },
  'whose folder is not there': { later: [], named: 'none/verdict.json' },
  'under a policy that is not there': { files: (folder) => rm(join(folder, 'trust.json')) },
  'of a verifier whose key is a private one': { verifier: { key: PRIVATE } },
  'of a verifier whose key is not there': { verifier: { key: 'lost.pem' } },
  'that was recalled': { status: { names: true } },
  'with a list that is too old': { status: { expires: now } },
  'with the list of a stranger': { status: { by: 'stranger' } },
  'that a later one supersedes, where the folder is named': { later: [CONDEMNED], passes: ['deep/ü b.csv'] },
  'that a later one supersedes, where it is named': {
    ...{ later: [CONDEMNED], named: 'verdict.json', passes: ['deep/ü b.csv'] },
  },
  'of which the second of three is named': {
    ...{ later: [NOTHING, CONDEMNED], named: '_verdict-2.json', passes: ['deep/ü b.csv'] },
  },
  'of which the last is named': { later: [CONDEMNED], named: '_verdict-2.json', passes: ['deep/ü b.csv'] },
  'that a later one takes back': { later: [NOTHING], named: 'verdict.json' },
  'that one of a stranger supersedes': { later: [{ ...CONDEMNED, by: 'stranger' }], named: 'verdict.json' },
  'that something else supersedes': { later: [{ ...CONDEMNED, text: () => '{}' }], named: 'verdict.json' },
  'that was taken back, and was copied to the next name': {
    ...{ later: [{ ...NOTHING, hours: 1 }], putBackAs: { name: '_verdict-3.json' } },
  },
  'that was taken back at once, and was copied to the next name': {
    ...{ later: [NOTHING], putBackAs: { name: '_verdict-3.json' }, named: 'verdict.json' },
  },
  'that was taken back, and was copied with other spaces, where the copy is named': {
    ...{ later: [{ ...NOTHING, hours: 1 }], named: '_verdict-3.json' },
    putBackAs: { name: '_verdict-3.json', text: (text) => `${text}\n` },
  },
  'of which a part was taken back, and that was put back': {
    later: [CONDEMNED, { ...NOTHING, hours: 2 }, { ...CONDEMNED, hours: 1 }],
  },
  'before the last of which one cannot be read': { later: [{ ...NOTHING, text: () => '{}' }, CONDEMNED] },
  'that later ones supersede': {
    ...{
      later: [
        { ...NOTHING, hours: 1 },
        { ...CONDEMNED, hours: 2 },
      ],
      passes: ['deep/ü b.csv'],
    },
  },
  'that one later by less than a second supersedes': {
    ...{
      later: [
        { ...NOTHING, hours: 0.0001 },
        { ...CONDEMNED, hours: 0.0002 },
      ],
      passes: ['deep/ü b.csv'],
    },
  },
  'on a batch that lies where it arrived': { later: [], inPlace: true, passes: true },
  'on a batch in place, beside an unknown file': {
    ...{ later: [], inPlace: true, passes: true },
    files: (folder) => writeFile(join(folder, 'batch', 'new.csv'), 'new'),
  },
  'on a batch in place, beside a changed file': {
    ...{ later: [], inPlace: true },
    files: (folder) => writeFile(join(folder, 'batch', 'a.csv'), 'A.csv'),
  },
  'on a batch in place, without a released file': {
    ...{ later: [], inPlace: true },
    files: (folder) => rm(join(folder, 'batch', 'a.csv')),
  },
  'on a batch in place that a later one takes back': { later: [NOTHING], inPlace: true },
  'on the rest of a shard, in place': {
    ...{ later: [{ releases: ['a.csv', CLEANED] }], inPlace: true, passes: ['a.csv', CLEANED] },
    files: (folder) => writeFile(join(folder, 'released', CLEANED), CLEANED),
  },
  'on the rest of a shard that was changed, in place': {
    ...{ later: [{ releases: ['a.csv', CLEANED] }], inPlace: true },
    files: (folder) => writeFile(join(folder, 'released', CLEANED), 'changed'),
  },
  'on the rest of a shard that is gone, in place': { later: [{ releases: ['a.csv', CLEANED] }], inPlace: true },
  'without a held file': { files: (folder) => rm(join(folder, 'batch', 'held.csv')), passes: true },
};

/** As DSSE lets signers write payload and signatures. */
function inUrlAlphabet(text: string): string {
  return text.replaceAll(/"(payload|sig)": "[^"]*"/g, (field) => field.replaceAll('+', '-').replaceAll('/', '_'));
}

function withFacts(statement: VerdictStatement, facts: Partial<VerdictStatement['predicate']>): VerdictStatement {
  return { ...statement, predicate: { ...statement.predicate, ...facts } };
}

function keysOn(curve: Change['curve']): { privateKey: KeyObject; publicKey: KeyObject } {
  return curve === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
}

function shardsOf(all: readonly string[], released: readonly string[]) {
  return all.map((path) => ({
    ...{ name: path, released: released.includes(path) },
    digest: { sha256: createHash('sha256').update(path).digest('hex') },
  }));
}

function statementOf(all: readonly string[], released: readonly string[], hours = 0): VerdictStatement {
  const rests = { decision: '0'.repeat(64), policy: '0'.repeat(64), baseline: '0'.repeat(64) };
  return verdictOf({
    ...{ batch: 'monday', dataset: 'weather', version: '0', mode: 'enforce', expires },
    verified: new Date(verified.getTime() + hours * 3_600_000),
    shards: shardsOf(all, released),
    rests: { ...rests, contract: null, manifest: null, trust: null },
  });
}

function signed(statement: object, key: KeyObject, by: Change['by']): string {
  const others = { stranger: keysOn(undefined).privateKey, auditor: auditor.privateKey };
  const signer = by === undefined ? key : others[by];
  return envelopeText(seal(Buffer.from(JSON.stringify(statement)), [signer]));
}

export async function makeScenario(folder: string, name: string, change: Change): Promise<Scenario> {
  await mkdir(join(folder, 'batch', 'deep'), { recursive: true });
  for (const path of names) await writeFile(join(folder, 'batch', path), path);
  const statement = statementOf(names, names.slice(0, 2));
  const keys = keysOn(change.curve);
  const text = signed(change.statement?.(statement) ?? statement, keys.privateKey, change.by);
  const verdict = change.later === undefined ? 'verdict' : `released/${change.named ?? ''}`;
  await mkdir(join(folder, 'released'));
  const first = change.later === undefined ? 'verdict' : 'released/verdict.json';
  await writeFile(join(folder, first), change.text?.(text) ?? text);
  for (const [number, later] of (change.later ?? []).entries()) {
    const all = [...names, ...later.releases.filter((one) => !names.includes(one))];
    const own = signed(statementOf(all, later.releases, later.hours), keys.privateKey, later.by);
    await writeFile(join(folder, 'released', `_verdict-${number + 2}.json`), later.text?.(own) ?? own);
  }
  const { putBackAs } = change;
  if (putBackAs !== undefined)
    await writeFile(join(folder, 'released', putBackAs.name), putBackAs.text?.(text) ?? text);
  const key = keys.publicKey.export({ type: 'spki', format: 'pem' });
  const verifiers = [{ name: 'scanner', key, datasets: ['weather'], ...change.verifier }];
  const auditors = [{ name: 'audit', key: auditor.publicKey.export({ type: 'spki', format: 'pem' }) }];
  await writeFile(
    join(folder, 'trust.json'),
    JSON.stringify({
      version: 1,
      verifiers,
      auditors,
      requireStatus: 'requireStatus' in change ? change.requireStatus : false,
    }),
  );
  if (change.status !== undefined)
    await writeFile(join(folder, 'status.json'), statusOf(change.status, statement, keys.privateKey));
  await change.files?.(folder);
  const passes = change.passes === true ? names.slice(0, 2) : (change.passes ?? []);
  return {
    folder,
    name,
    now: change.now ?? now,
    verdict,
    isInPlace: change.inPlace === true,
    isStatusNamed: change.namesStatus === true,
    passes,
  };
}

function statusOf(
  { expires: until = expires, names: isNamed, by }: NonNullable<Change['status']>,
  statement: VerdictStatement,
  key: KeyObject,
): string {
  const { sha256 } = statement.subject[0]?.digest ?? { sha256: '' };
  const entry = { batch: 'monday', dataset: 'weather', sha256, reason: 'a test', recalled: verified.toISOString() };
  const list = { issued: verified.toISOString(), expires: until.toISOString(), recalled: isNamed ? [entry] : [] };
  return statusListText(list, by === 'stranger' ? keysOn(undefined).privateKey : key);
}

/** In the one log that both gates have added to, Python first. Each has words of its own for why it refuses. */
async function assertLoggedAlike(log: string, isPass: boolean): Promise<void> {
  const { entries } = await readLog(fileStore, log);
  const told = entries.map(({ event, dataset, batch, by, facts: { first: _, ...facts } }) => ({
    ...{ event, dataset, batch, by, facts },
  }));
  assertEqual(told.length, 2, 'entries');
  assertEqual([told[0]?.event, told[0]?.by], [isPass ? 'gate-pass' : 'gate-refusal', CONSUMER], 'what it says');
  assertEqual(told[0], told[1], 'what Python says');
}

/** Both gates let the same through, and refuse what must be refused. */
export async function gateChecks(): Promise<{ checks: Check[]; stop: () => Promise<void> }> {
  const python = await pythonWith('model-signing', 'bench/interop/requirements.txt');
  const root = mkdtempSync(join(tmpdir(), 'taster-gate-'));
  const scenarios = await Promise.all(
    Object.entries(changes).map(([name, change], number) => makeScenario(join(root, `${number}`), name, change)),
  );
  const input = JSON.stringify(
    scenarios.map((one) => [one.folder, one.verdict, one.now.getTime(), one.isInPlace, one.isStatusNamed]),
  );
  const lines = execFileSync(python, ['-c', program], { input }).toString().trim().split('\n');
  const checks = scenarios.flatMap(
    ({ folder, name, now: at, verdict: named, isInPlace, isStatusNamed, passes }, number): Check[] => {
      const assertOutcome = ({ passed, problems }: { passed: readonly string[]; problems: readonly string[] }) => {
        assertEqual(passed, passes, 'what passes');
        assertEqual(problems.length > 0, passes.length === 0, 'refusal');
        assertEqual(problems.join().includes(PRIVATE), false, 'that a private key is told');
      };
      const own = async () => {
        const status = join(folder, 'status.json');
        const request = {
          ...{ batch: join(folder, 'batch'), verdict: join(folder, named), trust: join(folder, 'trust.json') },
          ...{ dataset: 'weather', now: at, isInPlace, consumer: CONSUMER, audit: join(folder, 'audit') },
          ...(existsSync(status) || isStatusNamed ? { status } : {}),
        };
        const outcome = await released(request).catch((error: unknown) => {
          if (error instanceof BadInput) return error;
          throw error;
        });
        if (outcome instanceof BadInput) return assertOutcome({ passed: [], problems: [outcome.message] });
        assertOutcome({ passed: outcome.map(({ path }) => path), problems: [] });
      };
      return [
        { name: `gate: a verdict ${name}`, run: own },
        {
          name: `gate in Python: a verdict ${name}`,
          run: async () => assertOutcome(JSON.parse(lines[number] ?? '{}')),
        },
        {
          name: `gate in Python: what the audit log says of a verdict ${name}`,
          run: () => assertLoggedAlike(join(folder, 'audit'), passes.length > 0),
        },
      ];
    },
  );
  checks.push({
    name: 'gate in Python: a refusal in another process',
    run: async () => {
      const told = JSON.parse(execFileSync(python, ['-c', refusals]).toString()) as unknown;
      assertEqual(
        told,
        [
          [['a', 'b'], 'a; b'],
          [['c; d'], 'c; d'],
        ],
        'what it says',
      );
    },
  });
  return { checks, stop: () => rm(root, { recursive: true, force: true }) };
}
