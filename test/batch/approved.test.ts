import { copyFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPlan, requirePlannedBaseline, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { fileStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const ann = keyPair();

/** As it is configured now. */
function dataset(): Dataset {
  return loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

const plan = () => storePlan(fileStore, dataset(), 'wasm');
const sign = async (file: string, kind: string, as: number, first: readonly string[] = []) =>
  expect(
    await taster('sign', at(file), '--kind', kind, '--dataset', 'd', '--as', `${as}`, ...first, '--key', at('ann.pem')),
  ).toMatchObject({ exitCode: 0 });

async function build(file: string, seed: string): Promise<string> {
  await writeFiles(at(seed), { 'rows.csv': tabularCsv(seed, 300) });
  const built = await taster('baseline', 'build', at(seed), '--out', at(file), '--force');
  return /digest +([0-9a-f]{64})/.exec(built.stdout)?.[1] ?? '';
}

beforeAll(async () => {
  writeFileSync(at('ann.pem'), privatePem(ann.own));
  const approvers = [{ name: 'ann', key: publicPem(ann.open), datasets: ['d'], kinds: ['baseline', 'policy'] }];
  const trust = { version: 1, approvers, requireApproval: { baseline: {}, policy: {} } };
  writeFileSync(at('trust.json'), JSON.stringify(trust));
  writeFileSync(at('policy.json'), '{}');
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  const settings = { ...roots, baseline: 'b.taster', policy: 'policy.json', trust: 'trust.json' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
});

describe('a dataset whose trust policy requires approval', () => {
  it('is not configured, then not queued, until policy and baseline are signed', async () => {
    const first = await build('b.taster', 'first');
    expect(() => dataset()).toThrow(/policy .*policy.json: nobody has signed it/);
    await sign('policy.json', 'policy', 1);
    await expect(plan()).rejects.toThrow(/baseline .*b.taster: nobody has signed it/);
    await sign('b.taster', 'baseline', 1);
    const name = await plan();
    const { trust } = await openPlan(fileStore, at('vault'), name);
    expect(trust).toBe(dataset().trust?.sha256);
    await requirePlannedBaseline(fileStore, dataset(), name, first);
  });

  it('takes a later version, and then no earlier one nor another of the same', async () => {
    copyFileSync(at('b.taster'), at('old.taster'));
    copyFileSync(at('b.taster.sig'), at('old.taster.sig'));
    const first = ['--first', await build('b.taster', 'first')];
    await build('b.taster', 'second');
    await sign('b.taster', 'baseline', 2, first);
    await plan();
    for (const ending of ['', '.sig']) copyFileSync(at(`old.taster${ending}`), at(`b.taster${ending}`));
    await expect(plan()).rejects.toThrow('version 2 was used already');
    await build('b.taster', 'third');
    await sign('b.taster', 'baseline', 2, first);
    await expect(plan()).rejects.toThrow('another file of that version was used already');
    await sign('b.taster', 'baseline', 3, first);
    expect(await plan()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not judge by a baseline that was put in the place of the planned one in the vault', async () => {
    const name = await plan();
    const files = readdirSync(at('vault/baselines')).filter((file) => file.endsWith('.taster'));
    const { baselineUri } = await openPlan(fileStore, at('vault'), name);
    const planned = files.find((file) => baselineUri?.endsWith(file)) ?? '';
    const other = files.find((file) => file !== planned)?.replace('.taster', '') ?? '';
    await expect(requirePlannedBaseline(fileStore, dataset(), name, other)).rejects.toThrow('it holds the baseline');
    const approval =
      readdirSync(at('vault/baselines')).find(
        (file) => file.startsWith(`${planned.slice(0, 64)}.`) && file.endsWith('.sig'),
      ) ?? '';
    renameSync(at('vault/baselines', approval), at('moved'));
    const stolen =
      readdirSync(at('vault/baselines')).find((file) => file.startsWith(other) && file.endsWith('.sig')) ?? '';
    copyFileSync(at('vault/baselines', stolen), at('vault/baselines', approval));
    const judged = requirePlannedBaseline(fileStore, dataset(), name, planned.slice(0, 64));
    await expect(judged).rejects.toThrow('what was signed has the digest');
  });
});
