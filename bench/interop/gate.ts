import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeText, seal, type Trust } from '../../src/attest/index.js';
import { loadTrust } from '../../src/config/index.js';
import { passGate, statusListText, verdictOf } from '../../src/gate/index.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { pythonWith } from '../python-environment.js';
import { assertEqual, type Check } from './check.js';

const names = ['a.csv', 'deep/ü b.csv', 'held.csv'];
const verified = new Date('2026-03-01T00:00:00Z');
const expires = new Date('2026-03-02T00:00:00Z');
const now = new Date('2026-03-01T12:00:00Z');

/** Runs the client on every folder and prints what it lets through, or why it refuses. */
const program = `
import json, os, sys, datetime
sys.path.insert(0, 'clients/python')
from taster_gate import released, Refused
for folder, now in json.load(sys.stdin):
    at = datetime.datetime.fromtimestamp(now / 1000, datetime.timezone.utc)
    try:
        status = f'{folder}/status.json'
        status = status if os.path.exists(status) else None
        files = released(f'{folder}/batch', f'{folder}/verdict', f'{folder}/trust.json', 'weather', at, status)
        print(json.dumps({'passed': [f.name for f in files], 'problems': []}))
    except Refused as refused:
        print(json.dumps({'passed': [], 'problems': refused.problems}))
`;

interface Scenario {
  readonly folder: string;
  readonly name: string;
  readonly now: Date;
  readonly passes: boolean;
}

type Change = {
  readonly by?: 'stranger';
  readonly curve?: 'P-256' | 'P-384';
  readonly statement?: (statement: VerdictStatement) => object;
  readonly text?: (text: string) => string;
  readonly verifier?: object;
  readonly files?: (folder: string) => Promise<void>;
  /** Issued with the verdict; days that it counts, whether it names the batch, and who signs it if not the verifier. */
  readonly status?: { readonly expires?: Date; readonly names?: true; readonly by?: 'stranger' };
  readonly requireStatus?: true;
  readonly now?: Date;
  readonly passes?: true;
};

const changes: Readonly<Record<string, Change>> = {
  'as it is': { passes: true },
  'signed on P-256': { curve: 'P-256', passes: true },
  'signed on P-384': { curve: 'P-384', passes: true },
  'for datasets with an ending': { verifier: { datasets: ['wea*'] }, passes: true },
  'of a stranger': { by: 'stranger' },
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
  'with a changed payload': { text: (text) => text.replace(/"payload": "(.{40})./, '"payload": "$1x') },
  'that names another key': { text: (text) => text.replace(/"keyid": "./, '"keyid": "x') },
  'that is no JSON': { text: (text) => text.slice(1) },
  'beside a changed file': { files: (folder) => writeFile(join(folder, 'batch', 'a.csv'), 'A.csv') },
  'beside an unknown file': { files: (folder) => writeFile(join(folder, 'batch', 'new.csv'), 'new') },
  'without a released file': { files: (folder) => rm(join(folder, 'batch', 'a.csv')) },
  'with a list of what was recalled': { status: {}, requireStatus: true, passes: true },
  'without the list that is required': { requireStatus: true },
  'that was recalled': { status: { names: true } },
  'with a list that is too old': { status: { expires: now } },
  'with the list of a stranger': { status: { by: 'stranger' } },
  'without a held file': { files: (folder) => rm(join(folder, 'batch', 'held.csv')), passes: true },
};

function withFacts(statement: VerdictStatement, facts: Partial<VerdictStatement['predicate']>): VerdictStatement {
  return { ...statement, predicate: { ...statement.predicate, ...facts } };
}

function keysOn(curve: Change['curve']): { privateKey: KeyObject; publicKey: KeyObject } {
  return curve === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
}

async function makeScenario(folder: string, name: string, change: Change): Promise<Scenario> {
  await mkdir(join(folder, 'batch', 'deep'), { recursive: true });
  const shards = names.map((path) => ({
    ...{ name: path, released: path !== 'held.csv' },
    digest: { sha256: createHash('sha256').update(path).digest('hex') },
  }));
  for (const path of names) await writeFile(join(folder, 'batch', path), path);
  const rests = { decision: '0'.repeat(64), policy: '0'.repeat(64), baseline: '0'.repeat(64) };
  const statement = verdictOf({
    ...{ batch: 'monday', dataset: 'weather', version: '0', mode: 'enforce', verified, expires, shards },
    rests: { ...rests, contract: null, manifest: null, trust: null },
  });
  const keys = keysOn(change.curve);
  const signer = change.by === 'stranger' ? keysOn(undefined) : keys;
  const payload = Buffer.from(JSON.stringify(change.statement?.(statement) ?? statement));
  const text = envelopeText(seal(payload, [signer.privateKey]));
  await writeFile(join(folder, 'verdict'), change.text?.(text) ?? text);
  const key = keys.publicKey.export({ type: 'spki', format: 'pem' });
  const verifiers = [{ name: 'scanner', key, datasets: ['weather'], ...change.verifier }];
  await writeFile(
    join(folder, 'trust.json'),
    JSON.stringify({ version: 1, verifiers, requireStatus: change.requireStatus === true }),
  );
  if (change.status !== undefined)
    await writeFile(join(folder, 'status.json'), statusOf(change.status, statement, keys.privateKey));
  await change.files?.(folder);
  return { folder, name, now: change.now ?? now, passes: change.passes === true };
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

/** Or why there is none. */
function trustOf(path: string): Trust | string {
  try {
    return loadTrust(path);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Both gates let the same through, and refuse what must be refused. */
export async function gateChecks(): Promise<{ checks: Check[]; stop: () => Promise<void> }> {
  const python = await pythonWith('model-signing', 'bench/interop/requirements.txt');
  const root = mkdtempSync(join(tmpdir(), 'taster-gate-'));
  const scenarios = await Promise.all(
    Object.entries(changes).map(([name, change], number) => makeScenario(join(root, `${number}`), name, change)),
  );
  const input = JSON.stringify(scenarios.map((scenario) => [scenario.folder, scenario.now.getTime()]));
  const lines = execFileSync(python, ['-c', program], { input }).toString().trim().split('\n');
  const checks = scenarios.flatMap(({ folder, name, now: at, passes }, number): Check[] => {
    const assertOutcome = ({ passed, problems }: { passed: readonly string[]; problems: readonly string[] }) => {
      assertEqual(passed, passes ? names.slice(0, 2) : [], 'what passes');
      assertEqual(problems.length > 0, !passes, 'refusal');
    };
    const own = async () => {
      const verdict = await readFile(join(folder, 'verdict'));
      const trust = trustOf(join(folder, 'trust.json'));
      if (typeof trust === 'string') return assertOutcome({ passed: [], problems: [trust] });
      const status = await readFile(join(folder, 'status.json')).catch(() => undefined);
      const request = { root: join(folder, 'batch'), verdict, status, trust, dataset: 'weather', now: at.getTime() };
      const { passed, problems } = await passGate(fileStore, request);
      assertOutcome({ passed: passed.map(({ path }) => path), problems });
    };
    return [
      { name: `gate: a verdict ${name}`, run: own },
      { name: `gate in Python: a verdict ${name}`, run: async () => assertOutcome(JSON.parse(lines[number] ?? '{}')) },
    ];
  });
  return { checks, stop: () => rm(root, { recursive: true, force: true }) };
}
