import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLog } from '../../src/audit/index.js';
import { storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { checkRecords } from '../../src/enforce/index.js';
import { fileStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
let vault = '';
let test = 0;
const record = (number: number) => at(`${vault}/versions/rules/00000${number}.json`);

/** With what is configured by then. */
function dataset(tolerance: number): Dataset {
  writeFileSync(at('policy.json'), JSON.stringify({ tolerance }));
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: { ...roots, policy: 'policy.json' } } }));
  return loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

const plan = (tolerance: number) => storePlan(fileStore, dataset(tolerance), 'wasm');

async function entries() {
  return existsSync(at(`${vault}/audit`)) ? (await readLog(fileStore, at(`${vault}/audit`))).entries : [];
}

const problems = async () => (await checkRecords(fileStore, at(vault), await entries())).problems;

beforeEach(() => {
  vault = `vault-${++test}`;
});

describe('what batches of a dataset are judged by', () => {
  it('is no change to begin with, nor while it stays', async () => {
    await plan(0.005);
    await plan(0.005);
    expect([existsSync(record(1)), existsSync(record(2))]).toEqual([true, false]);
    expect(await entries()).toEqual([]);
  });

  it('is an entry of the audit log whenever it changes, also back', async () => {
    const plans = [await plan(0.005), await plan(0.01), await plan(0.005)];
    const changes = await entries();
    expect(changes.map(({ event, facts }) => [event, facts['number'], facts['plan']])).toEqual([
      ['policy-change', 2, plans[1]],
      ['policy-change', 3, plans[2]],
    ]);
    expect(changes[0]?.facts['policy']).not.toBe(changes[1]?.facts['policy']);
    expect(await problems()).toEqual([]);
  });

  it('is changed by several at once, each with its entry', async () => {
    await plan(0.005);
    const others = [0.01, 0.02, 0.03].map(dataset);
    await Promise.all(others.map((one) => storePlan(fileStore, one, 'wasm')));
    expect([2, 3, 4, 5].map((number) => existsSync(record(number)))).toEqual([true, true, true, false]);
    expect(await problems()).toEqual([]);
  });

  it('is one entry where several find the same change at once', async () => {
    await plan(0.005);
    const changed = dataset(0.01);
    const processes = Array.from({ length: 6 }, () => ({ ...fileStore }));
    await Promise.all(processes.map((store) => storePlan(store, changed, 'wasm')));
    expect((await entries()).map(({ event, facts }) => [event, facts['number']])).toEqual([['policy-change', 2]]);
    expect(await problems()).toEqual([]);
  });

  it('is said no second time where it was said and not written down', async () => {
    for (const tolerance of [0.005, 0.01]) await plan(tolerance);
    rmSync(record(2));
    await plan(0.01);
    expect([existsSync(record(2)), (await entries()).length]).toEqual([true, 1]);
    expect(await problems()).toEqual([]);
  });

  it.each([
    ['changed', () => writeFileSync(record(2), readFileSync(record(2), 'utf8').replace('"plan"', ' "plan"'))],
    ['changed at its beginning', () => writeFileSync(record(1), '{}')],
    ['taken away', () => rmSync(record(2))],
    ['slipped in', () => writeFileSync(record(4), readFileSync(record(1)))],
    ['slipped in under a name of its own', () => writeFileSync(`${record(1)}.bak`, '')],
  ])('does not pass for what it was when it is %s', async (_, tamper) => {
    for (const tolerance of [0.005, 0.01, 0.02]) await plan(tolerance);
    tamper();
    expect(await problems()).toHaveLength(1);
  });

  it('that was not written down in the end is no sign of tampering', async () => {
    await plan(0.005);
    await plan(0.01);
    rmSync(record(2));
    expect(await checkRecords(fileStore, at(vault), await entries())).toMatchObject({ problems: [], notCarriedOut: 1 });
  });

  it.each([
    ['missing', () => rmSync(record(2)), '000003.json'],
    ['foreign', () => writeFileSync(`${record(1)}.bak`, ''), '000001.json.bak'],
  ])('is not changed on top of what is %s', async (_, tamper, named) => {
    for (const tolerance of [0.005, 0.01, 0.02]) await plan(tolerance);
    tamper();
    const before = await entries();
    await expect(plan(0.03)).rejects.toMatchObject({ code: 'RECORD_DAMAGED', message: expect.stringContaining(named) });
    expect(await entries()).toEqual(before);
  });
});
