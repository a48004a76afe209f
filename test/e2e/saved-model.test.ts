import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestAt } from '../../src/model/index.js';
import { writeFiles } from '../assess/batch.js';
import { layModel, threeNumbersCsv } from '../model/contract.js';
import { writeSavedModel } from '../model/saved-model.js';
import { isNativeInstalled, unlessNative } from '../native.js';
import { temporaryFolder } from '../temporary-folder.js';
import { run, scanTo } from './command.js';

const at = temporaryFolder();
const WEIGHTS = [1, 2, 3, 4, 5, 6];

/** The contract of a graph model, and the same with a SavedModel in its place. */
beforeAll(async () => {
  mkdirSync(at('contract'));
  const { contract } = await layModel(at('contract'));
  writeSavedModel(at('contract', 'saved'), WEIGHTS, 3);
  const sha256 = await digestAt(at('contract', 'saved'));
  const models = contract.models.map((model) => ({ ...model, path: 'saved', sha256, format: 'saved-model' }));
  writeFileSync(at('contract', 'graph.json'), JSON.stringify(contract));
  writeFileSync(at('contract', 'saved.json'), JSON.stringify({ ...contract, models }));
  await writeFiles(at('trusted'), { 'rows.csv': threeNumbersCsv('trusted', 400) });
  const lacking = threeNumbersCsv('lacking', 120).replace('weight', 'mass');
  await writeFiles(at('batch'), { 'good.csv': threeNumbersCsv('good', 120), 'lacking.csv': lacking });
});

const argv = (contract: string, backend: string) => [
  ...[at('batch'), '--baseline', at('trusted'), '--contract', at('contract', contract), '--backend', backend],
];

describe('a SavedModel', () => {
  it.runIf(isNativeInstalled)(`judges rows as the same model in another format does${unlessNative}`, async () => {
    const [saved, graph] = [
      await scanTo(at('saved'), argv('saved.json', 'native')),
      await scanTo(at('graph'), argv('graph.json', 'native')),
    ];
    expect(saved).toMatchObject({ exitCode: 1, stderr: '' });
    expect(saved.report.contract?.models).toMatchObject([{ name: 'embedding' }]);
    expect(saved.report.columns).toContainEqual(expect.objectContaining({ name: 'embedding', role: 'embedding' }));
    expect(saved.report.shards.map(({ verdict }) => verdict)).toEqual(['release', 'quarantine']);
    const pValues = ({ report }: typeof saved) => report.families.map(({ family, pValue }) => [family, pValue]);
    expect(pValues(saved)).toEqual(pValues(graph));
  });

  it('ends a scan on WASM with 2 and what to do', async () => {
    const { exitCode, stdout, stderr } = await run(['scan', ...argv('saved.json', 'wasm')]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(
      /^taster: model embedding: a SavedModel runs on native TensorFlow only.*\nSee `taster doctor`/,
    );
  });
});
