import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  Table,
  tableToIPC,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { normals, seededRandom } from '../../src/linear/index.js';
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
  const child = makeData({ type: new Float32(), data: normals(random, rows * DIMS) });
  const type = new FixedSizeList(DIMS, new Field('item', new Float32(), true));
  const labels = Array.from({ length: rows }, () => (random() < 0.5 ? 0 : 1));
  return new Table({
    embedding: new Vector([makeData({ type, length: rows, nullCount: 0, child })]),
    label: vectorFromArray(labels, new Int32()),
  });
}

it.each(['a', 'b'])('clean rows are no poison where there is nothing to learn: %s', async (seed) => {
  const own = join(folder, seed);
  const [baseline, batch] = [join(own, 'baseline'), join(own, 'batch')];
  for (const path of [baseline, batch]) await mkdir(path, { recursive: true });
  await writeFile(join(baseline, 'a.arrow'), tableToIPC(noise(1000, `${seed}/trusted`), 'file'));
  for (const shard of ['a', 'b', 'c'])
    await writeFile(join(batch, `${shard}.arrow`), tableToIPC(noise(500, `${seed}/${shard}`), 'file'));
  const { exitCode, report } = await scanTo(join(own, 'out'), [batch, '--baseline', baseline, '--processes', '1']);
  expect(report.findings).toEqual([]);
  expect(exitCode).toBe(0);
});
