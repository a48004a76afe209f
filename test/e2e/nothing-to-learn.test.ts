import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Int32, type Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { normals, seededRandom } from '../../src/linear/index.js';
import { writeFiles } from '../assess/batch.js';
import { lists, tableOf } from '../encode/tables.js';
import { scanTo } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-nothing-'));
});
afterAll(() => rm(folder, { recursive: true }));

const DIMS = 160;

/** Vectors of which no direction has more than another, with labels that follow from nothing. */
function noise(rows: number, seed: string): Table {
  const random = seededRandom(seed);
  const data = normals(random, rows * DIMS);
  const vectors = Array.from({ length: rows }, (_, row) => [...data.subarray(row * DIMS, (row + 1) * DIMS)]);
  const labels = Array.from({ length: rows }, () => (random() < 0.5 ? 0 : 1));
  return tableOf({ embedding: lists(vectors), label: vectorFromArray(labels, new Int32()) });
}

it.each(['a', 'b'])('clean rows are no poison where there is nothing to learn: %s', async (seed) => {
  const own = join(folder, seed);
  const [baseline, batch] = [join(own, 'baseline'), join(own, 'batch')];
  const file = (rows: number, name: string) => tableToIPC(noise(rows, `${seed}/${name}`), 'file');
  await writeFiles(baseline, { 'a.arrow': file(1000, 'trusted') });
  await writeFiles(batch, Object.fromEntries(['a', 'b', 'c'].map((shard) => [`${shard}.arrow`, file(500, shard)])));
  const { exitCode, report } = await scanTo(join(own, 'out'), [batch, '--baseline', baseline, '--processes', '1']);
  expect(report.findings).toEqual([]);
  expect(exitCode).toBe(0);
});
