import { mkdirSync, writeFileSync } from 'node:fs';
import { Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { beforeAll, expect, it } from 'vitest';
import { normals, seededRandom } from '../../src/linear/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { scanTo } from './command.js';

const at = temporaryFolder();
const COLUMNS = 2000;
/** So many of them follow the label. */
const TELLING = 200;
const BATCH = ['a.arrow', 'b.arrow', 'c.arrow', 'flipped.arrow'];

/** Far more columns than rows. */
function wide(seed: string, rows: number, flipped = 0): Uint8Array {
  const random = seededRandom(seed);
  const isHigh = Array.from({ length: rows }, () => random() < 0.5);
  const columns = Array.from({ length: COLUMNS }, (_, column) => {
    const shift = column < TELLING ? 1 : 0;
    const cells = Float64Array.from(normals(random, rows), (x, row) => x + (isHigh[row] ? shift : 0));
    return [`column ${column}`, vectorFromArray(cells)] as const;
  });
  const label = isHigh.map((high) => (high === random() >= flipped ? 'high' : 'low'));
  return tableToIPC(new Table({ ...Object.fromEntries(columns), label: vectorFromArray(label) }), 'file');
}

beforeAll(() => {
  mkdirSync(at('batch'));
  for (const name of BATCH) writeFileSync(at('batch', name), wide(name, 60, name === 'flipped.arrow' ? 0.4 : 0));
  writeFileSync(at('trusted.arrow'), wide('trusted', 200));
});

it.each([
  ['beside trusted rows', () => ['--baseline', at('trusted.arrow')]],
  ['without a baseline', () => []],
])(`rows of ${COLUMNS} columns are judged, %s`, async (name, baseline) => {
  const { exitCode, stderr, report } = await scanTo(at(name), [at('batch'), ...baseline()]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(report.shards.map(({ uri, verdict }) => [uri.split('/').at(-1), verdict])).toEqual(
    BATCH.map((shard) => [shard, shard === 'flipped.arrow' ? 'quarantine' : 'release']),
  );
  expect(report.columns.filter(({ role }) => role === 'feature')).toHaveLength(COLUMNS);
});
