import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layers } from '@tensorflow/tfjs-layers';
import type { Table } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { readLists } from '../../src/encode/index.js';
import { startBackend } from '../../src/linear/index.js';
import { digestAt, withModels } from '../../src/model/index.js';
import { startModels } from '../../src/model/models.js';
import type { ContractModel } from '../../src/schema/index.js';
import { type PinnedContract, parseContract } from '../../src/verify/index.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';
import { inFolder, saveGraph, saveLayers } from './tiny.js';

beforeAll(async () => {
  await startBackend('wasm');
});

const columns = [
  { name: 'a', type: 'Float64', role: 'feature' },
  { name: 'b', type: 'Float64', role: 'feature' },
  { name: 'c', type: 'Float64', role: 'ignore' },
  { name: 'list', type: 'FixedSizeList[3]<Float32>', role: 'ignore' },
];

const table = tableOf({
  a: numbers([1, 0, 2]),
  b: numbers([0, 1, null]),
  c: numbers([0, 0, 1]),
  list: lists([
    [1, 0, 0],
    [0, 1, 0],
    [1, 2, 3],
  ]),
});

async function contractOf(folder: string, model: Partial<ContractModel> = {}): Promise<PinnedContract> {
  const path = model.path ?? 'model.json';
  const sha256 = model.sha256 ?? (await digestAt(join(folder, path)));
  const full = { name: 'seen', path, format: 'graph', inputs: ['a', 'b', 'c'], output: 'embedding', ...model, sha256 };
  const parsed = parseContract({ version: 1, columns, models: [full] }, folder);
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return parsed.contract;
}

function seenIn(seen: Table): number[][] {
  const column = seen.getChild('seen')!;
  const size = (column.type as { listSize: number }).listSize;
  const values = readLists(column, size);
  return Array.from({ length: seen.numRows }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
}

/** What the model in `folder` makes of the table. */
async function see(folder: string, model: Partial<ContractModel> = {}, rows = table): Promise<Table> {
  return withModels(await contractOf(folder, model), 'wasm', (models) => models.apply(rows));
}

const failsWith = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('a model named in a contract', () => {
  it('adds what it makes of numbers to every row; a missing number makes it missing', () =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6]);
      const seen = await see(folder);
      expect(seenIn(seen)).toEqual([
        [1, 2],
        [3, 4],
        [Number.NaN, Number.NaN],
      ]);
      expect(seen.schema.fields.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'list', 'seen']);
    }));

  it('sees lists, in the shape of a row that it asks for', () =>
    inFolder(async (folder) => {
      const stack = [layers.reshape({ targetShape: [3], inputShape: [3, 1] }), layers.dense({ units: 1 })];
      await saveLayers(folder, stack, [1, 10, 100, 1000]);
      const seen = await see(folder, { format: 'layers', inputs: ['list'] });
      expect(seenIn(seen)).toEqual([[1001], [1010], [1321]]);
    }));

  it('may have recurrent layers', () =>
    inFolder(async (folder) => {
      await saveLayers(folder, [layers.simpleRNN({ units: 2, inputShape: [3, 1], recurrentInitializer: 'zeros' })]);
      expect(seenIn(await see(folder, { format: 'layers', inputs: ['list'] }))[0]).toHaveLength(2);
    }));

  it('replaces a column of its name that a sender made up, and adds none without its inputs', () =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6]);
      const made = table.assign(tableOf({ seen: numbers([7, 7, 7]) }));
      expect(seenIn(await see(folder, {}, made))[0]).toEqual([1, 2]);
      for (const rows of [tableOf({ a: numbers([1]) }), table.assign(tableOf({ a: strings(['1', '2', '3']) }))]) {
        expect((await see(folder, {}, rows)).getChild('seen')).toBeNull();
      }
    }));

  it('gives an empty table its column, and a large one the same rows in parts', () =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6]);
      expect(String((await see(folder, {}, table.slice(0, 0))).getChild('seen')!.type)).toBe(
        'FixedSizeList[2]<Float32>',
      );
      const many = Array.from({ length: 10_000 }, (_, row) => row);
      const seen = await see(folder, {}, tableOf({ a: numbers(many), b: numbers(many), c: numbers(many) }));
      expect(seenIn(seen)).toEqual(many.map((value) => [9 * value, 12 * value]));
    }));
});

describe('a model that is not what the contract says', () => {
  it('is refused by its digest, whichever of its files was changed', () =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6]);
      const contract = await contractOf(folder);
      await writeFile(join(folder, 'weights.bin'), new Uint8Array(24));
      const actual = await digestAt(join(folder, 'model.json'));
      const pinned = contract.contract.models![0]!.sha256;
      const work = withModels(contract, 'wasm', (models) => models.apply(table));
      await expect(work).rejects.toEqual(failsWith('MODEL_CHANGED', new RegExp(`${actual}.*${pinned}`)));
      // Also when it is changed after the scan has begun.
      const started = startModels(contract, 'wasm');
      await expect(started.apply(table)).rejects.toEqual(failsWith('MODEL_CHANGED', /seen/));
      await started.stop();
    }));

  it('is refused when it is not there, or no model', () =>
    inFolder(async (folder) => {
      await expect(see(folder, { sha256: 'a'.repeat(64) })).rejects.toEqual(failsWith('PATH_MISSING', /model\.json/));
      await writeFile(join(folder, 'model.json'), 'TFL3');
      await expect(see(folder, { sha256: 'a'.repeat(64) })).rejects.toEqual(failsWith('MODEL_UNUSABLE', /is not JSON/));
      await writeFile(join(folder, 'model.json'), '{}');
      await expect(see(folder)).rejects.toEqual(failsWith('MODEL_UNUSABLE', /cannot be loaded/));
    }));

  it.each(['../model.json', '/etc/model.json', 'a/../../model.json', 'C:/model.json', 'a\\model.json'])(
    'is refused at the path %s',
    async (path) => {
      await expect(contractOf('.', { path, sha256: 'a'.repeat(64) })).rejects.toThrow(
        /models\[0\]\.path must be relative/,
      );
    },
  );

  it('is refused where a link leads out of the folder of the contract, or its weights do', () =>
    inFolder(async (folder) => {
      const [inside, outside] = [join(folder, 'inside'), join(folder, 'outside')];
      await saveGraph(outside, [1, 2, 3, 4, 5, 6]);
      await mkdir(inside);
      await symlink(outside, join(inside, 'model'));
      const sha256 = await digestAt(join(outside, 'model.json'));
      const linked = see(inside, { path: 'model/model.json', sha256 });
      await expect(linked).rejects.toEqual(failsWith('MODEL_UNUSABLE', /link that leads out/));
      const topology = { weightsManifest: [{ paths: ['../outside/weights.bin'], weights: [] }] };
      await writeFile(join(inside, 'model.json'), JSON.stringify(topology));
      await expect(see(inside, { sha256 })).rejects.toEqual(failsWith('MODEL_UNUSABLE', /outside its folder/));
    }));
});

describe('a model that cannot be used', () => {
  it.each([
    ['takes another number of inputs', { inputs: ['a', 'b'] }, /takes \[3\] numbers a row, its inputs have 2/],
    ['is of another format', { format: 'layers' }, /cannot be loaded/],
    ['is a SavedModel without native TensorFlow', { format: 'saved-model', path: '.' }, /native TensorFlow only/],
  ] as const)('because it %s', (_, model, message) =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6]);
      await expect(see(folder, model as Partial<ContractModel>)).rejects.toEqual(failsWith('MODEL_UNUSABLE', message));
    }),
  );

  it('because it has operations or layers of its own', () =>
    inFolder(async (folder) => {
      await saveGraph(folder, [1, 2, 3, 4, 5, 6], [{ name: 'z', op: 'MyOwn', input: ['y'], attr: {} }]);
      await expect(see(folder)).rejects.toEqual(failsWith('MODEL_UNUSABLE', /fails on rows: Unknown op 'MyOwn'/));
      const config = {
        name: 's',
        layers: [{ class_name: 'MyOwn', config: { name: 'm', batch_input_shape: [null, 3] } }],
      };
      const topology = { class_name: 'Sequential', config };
      await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology: topology, weightsManifest: [] }));
      await expect(see(folder, { format: 'layers' })).rejects.toEqual(
        failsWith('MODEL_UNUSABLE', /Unknown layer: MyOwn/),
      );
    }));

  it.each([
    [
      'hangs',
      { seconds: 4, memoryBytes: 2 ** 40 },
      1e7,
      /took more than 4 s of processor time, or 20 s by the clock over 3 rows/,
    ],
    ['bloats', { seconds: 60, memoryBytes: 2 ** 20 }, 10, /took more than 1 MiB of memory while it was loaded/],
  ])('because it %s: its process is killed', (_, limits, steps, message) =>
    inFolder(async (folder) => {
      const rnn = layers.simpleRNN({ units: 1, recurrentInitializer: 'zeros' });
      await saveLayers(folder, [layers.repeatVector({ n: 10, inputShape: [3] }), rnn]);
      const json = await readFile(join(folder, 'model.json'), 'utf8');
      await writeFile(join(folder, 'model.json'), json.replaceAll('"n":10', `"n":${steps}`));
      const models = startModels(await contractOf(folder, { format: 'layers' }), 'wasm', limits);
      await expect(models.apply(table)).rejects.toEqual(failsWith('MODEL_UNUSABLE', message));
      await models.stop();
    }),
  );
});
