import { join } from 'node:path';
import { digestAt } from '../../src/model/index.js';
import { tabularCsv } from '../assess/batch.js';
import { saveGraph } from './tiny.js';

/** As tabularCsv with one more number, the height, for a model that takes three. */
export function threeNumbersCsv(seed: string, rows: number): string {
  return tabularCsv(seed, rows)
    .split('\n')
    .map((line, row) => `${line},${row === 0 ? 'height' : (row % 7) / 7}`)
    .join('\n');
}

/** Saves a model of the three numbers into the folder; returns its digest and a contract that judges by it alone. */
export async function layModel(folder: string) {
  await saveGraph(join(folder, 'embedder'), [1, 2, 3, 4, 5, 6]);
  const sha256 = await digestAt(join(folder, 'embedder/model.json'));
  const column = (name: string, type: string, role: string) => ({ name, type, role });
  const contract = {
    version: 1,
    columns: [
      column('size', 'Float64', 'ignore'),
      column('weight', 'Float64', 'ignore'),
      column('height', 'Float64', 'ignore'),
      column('label', 'Utf8', 'label'),
    ],
    models: [
      {
        name: 'embedding',
        path: 'embedder/model.json',
        sha256,
        format: 'graph',
        inputs: ['size', 'weight', 'height'],
        output: 'embedding',
      },
    ],
  };
  return { contract, sha256 };
}
