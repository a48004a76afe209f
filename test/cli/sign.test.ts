import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Report, VerdictStatement } from '../../src/schema/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { taster } from './in-process.js';

const at = temporaryFolder();
const files = { baseline: at('b.taster'), policy: at('policy.json'), contract: at('contract.json') };
type Kind = keyof typeof files;
const kinds: readonly Kind[] = ['baseline', 'policy', 'contract'];

const sign = (kind: Kind, as: number, key: string, ...more: string[]) =>
  taster('sign', files[kind], '--kind', kind, '--dataset', 'weather', '--as', `${as}`, '--key', at(key), ...more);
const countersign = (kind: Kind, key: string) => taster('sign', files[kind], '--key', at(key));
const scan = (...more: string[]) => {
  const by = kinds.flatMap((kind) => [`--${kind}`, files[kind]]);
  return taster('scan', at('batch'), ...by, '--trust', at('trust.json'), '--dataset', 'weather', '--json', ...more);
};

async function trustWith(requireApproval: object): Promise<void> {
  const approver = (name: string) => ({ name, key: `${name}.pub.pem`, datasets: ['weather'], kinds });
  const advise = ['no-manifest', 'unsigned'];
  const content = { version: 1, approvers: ['ann', 'bob'].map(approver), advise, requireApproval };
  await writeFile(at('trust.json'), JSON.stringify(content));
}

async function signAll(): Promise<void> {
  for (const kind of kinds) {
    await rm(`${files[kind]}.sig`, { force: true });
    expect(await sign(kind, 1, 'ann.pem')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await countersign(kind, 'bob.pem')).toMatchObject({ stderr: expect.stringContaining('signed by 2\n') });
  }
}

beforeAll(async () => {
  for (const name of ['ann', 'bob', 'eve']) {
    const pair = keyPair();
    await writeFile(at(`${name}.pem`), privatePem(pair.own));
    await writeFile(at(`${name}.pub.pem`), publicPem(pair.open));
  }
  await writeFiles(at('trusted'), { 'a.csv': tabularCsv('a', 150), 'b.csv': tabularCsv('b', 150) });
  await writeFiles(at('batch'), { 'c.csv': tabularCsv('c', 120) });
  await writeFile(files.contract, (await taster('contract', 'infer', at('trusted'))).stdout);
  await writeFile(files.policy, JSON.stringify({ falseQuarantineRate: 0.02 }));
  const built = await taster(
    ...['baseline', 'build', at('trusted'), '--contract', files.contract, '--out', files.baseline, '--quiet'],
  );
  expect(built).toMatchObject({ exitCode: 0 });
  await trustWith(Object.fromEntries(kinds.map((kind) => [kind, { signatures: 2 }])));
});

afterEach(() => signAll());

describe('a scan whose trust policy requires approval', () => {
  it('judges by what two have signed, and its verdict names all that it rests on', async () => {
    await signAll();
    const { exitCode, stdout, stderr } = await scan('--sign', at('ann.pem'), '--out', at('report'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    const { payload } = JSON.parse(await readFile(at('report', 'verdict.json'), 'utf8')) as { payload: string };
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as VerdictStatement;
    const artefact = (await readFile(files.baseline, 'latin1')).split('\n', 1)[0]?.slice(-64);
    expect(predicate.rests).toEqual({
      decision: expect.stringMatching(/^[0-9a-f]{64}$/),
      policy: report.policy.sha256,
      baseline: report.baseline.sha256,
      contract: report.contract?.sha256,
      manifest: null,
      trust: report.provenance?.trust,
      artefact,
      ledger: null,
    });
    expect(predicate.verifier.version).toBe(report.version);
  });

  const copyOf = async (kind: Kind) => readFile(files[kind]);
  it.each(kinds)('refuses a %s that was changed after it was signed', async (kind) => {
    const before = await copyOf(kind);
    if (kind === 'baseline') {
      await taster('baseline', 'build', at('batch'), '--contract', files.contract, '--out', files.baseline, '--force');
    } else await writeFile(files[kind], `${before} `);
    const refused = await scan();
    expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(`${kind} `) });
    expect(refused.stderr).toContain('what was signed has the digest');
    expect((await countersign(kind, 'bob.pem')).exitCode).toBe(2);
    await writeFile(files[kind], before);
  });

  it.each(kinds)('refuses a %s that nobody, too few or strangers have signed', async (kind) => {
    await rm(`${files[kind]}.sig`);
    const unsigned = await scan();
    expect(unsigned).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nobody has signed it') });
    const first = kind === 'baseline' ? ' --first <digest>' : '';
    expect(unsigned.stderr).toContain(
      `\`taster sign ${files[kind]} --kind ${kind} --dataset weather --as <version>${first} --key <file>\``,
    );
    await sign(kind, 1, 'ann.pem');
    expect(await scan()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it takes signatures of 2') });
    await countersign(kind, 'eve.pem');
    const few = await scan();
    expect(few).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it takes signatures of 2') });
    expect(few.stderr).toContain(`\`taster sign ${files[kind]} --key <file>\``);
  });

  it('refuses an older version than it asks for', async () => {
    await trustWith({ policy: { fromVersion: 2 } });
    const old = await scan();
    expect(old).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('takes 2 or later') });
    expect(old.stderr).toContain(`taster sign ${files.policy} --kind policy --dataset weather --as 2 --key <file>`);
    await sign('policy', 2, 'ann.pem');
    expect(await scan()).toMatchObject({ exitCode: 0 });
    await trustWith(Object.fromEntries(kinds.map((kind) => [kind, { signatures: 2 }])));
  });

  it('refuses to do without, and to judge by rows', async () => {
    const by = ['--trust', at('trust.json'), '--dataset', 'weather', '--json'];
    for (const given of [[], ['--contract', files.contract], ['--policy', files.policy]]) {
      const refused = await taster('scan', at('batch'), ...given, ...by);
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('none is given') });
    }
    const both = ['--contract', files.contract, '--policy', files.policy, ...by];
    const refused = await taster('scan', at('batch'), ...both);
    expect(refused.stderr).toContain('baseline (none): none is given');
    expect(refused.stderr).toContain('Name one that approvers have signed: --baseline <file>');
    expect(refused.stderr).not.toContain('taster sign');
    const rows = await taster('scan', at('batch'), '--baseline', at('trusted'), ...both);
    expect(rows.stderr).toContain('these are rows');
    expect(rows.stderr).toContain('taster sign <file> --kind baseline --dataset weather --as 1 --key <file>');
    expect(rows.stderr).toContain('taster baseline build');
    const nameless = await taster('scan', at('batch'), '--trust', at('trust.json'));
    expect(nameless.stderr).toContain('say for which --dataset');
  });
});

describe('taster sign', () => {
  it('signs no baseline that is damaged', async () => {
    const damaged = await readFile(files.baseline);
    damaged[damaged.length - 1]! ^= 1;
    await writeFile(at('damaged.taster'), damaged);
    const refused = await taster(
      ...['sign', at('damaged.taster'), '--kind', 'baseline', '--dataset', 'weather', '--as', '1'],
      ...['--key', at('ann.pem')],
    );
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not what was written') });
    expect(existsSync(at('damaged.taster.sig'))).toBe(false);
  });

  it('takes away nobody’s signature of the same', async () => {
    await signAll();
    const again = await sign('policy', 1, 'ann.pem');
    expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('signed by 2\n') });
    expect(await scan()).toMatchObject({ exitCode: 0 });
    const next = await sign('policy', 2, 'ann.pem');
    expect(next).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('policy version 2') });
    expect(next.stderr).toContain('signed by 1\n');
  });

  it.each([
    ['part of what is to be said', ['--kind', 'baseline'], 'belong together'],
    ['a later baseline without the first', ['--kind', 'baseline', '--dataset', 'w', '--as', '2'], '--first is missing'],
    ['a version that is none', ['--kind', 'baseline', '--dataset', 'w', '--as', '0'], 'whole number'],
    ['a baseline as a policy', ['--kind', 'policy', '--dataset', 'w', '--as', '1'], 'is not JSON'],
  ])('refuses %s', async (_, more, message) => {
    const refused = await taster('sign', files.baseline, '--key', at('ann.pem'), ...more);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });
});
