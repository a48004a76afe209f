import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assess, Crew, fetchRows, mostSuspicious, suspicionOf } from '../../src/assess/index.js';
import { keepAssessed } from '../../src/assess/keep-assessed.js';
import type { Baseline } from '../../src/baseline/index.js';
import { startBackend } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { fitOn, labelled, sha256, storeOf } from '../baseline/trusted.js';
import { numberRows } from '../detect/populations.js';

let baseline: Baseline;
let scratch: string;

beforeAll(async () => {
  await startBackend('wasm');
  baseline = fitOn(labelled(numberRows(120, 'trusted')));
  scratch = await mkdtemp(join(tmpdir(), 'taster-fetch-'));
});

const crew = new Crew(defaultShardLimits);
afterAll(async () => {
  await crew.stop();
  await rm(scratch, { recursive: true });
});

const [first, second] = ['a', 'b'].map((seed) => labelled(numberRows(20, seed)));
const bytesOf = (table: typeof first) => Buffer.from(tableToIPC(table as NonNullable<typeof first>, 'file'));

function fetch(contents: readonly Buffer[], scored: readonly Buffer[], rows = [1, 4], folder = scratch) {
  const paths = contents.map((_, number) => `${number}.arrow`);
  const wanted = paths.map((path, number) => ({
    shard: { path, uri: path, bytes: contents[number]?.length ?? 0 },
    number,
    sha256: sha256(scored[number] ?? ''),
    rows,
  }));
  return fetchRows(wanted, {
    store: storeOf(Object.fromEntries(paths.map((path, number) => [path, contents[number] ?? Buffer.alloc(0)]))),
    baseline,
    columns: { ids: [] },
    backend: 'wasm',
    crew,
    processes: 1,
    limits: defaultShardLimits,
    scratch: folder,
  });
}

describe('rows that are read again', () => {
  it('are those that were asked for, shard by shard', async () => {
    const contents = [bytesOf(first), bytesOf(second)];
    const table = await fetch(contents, contents);
    const rowsOf = (from: typeof first) => [1, 4].map((row) => JSON.stringify(from?.get(row)));
    expect([...table].map((row) => JSON.stringify(row))).toEqual([...rowsOf(first), ...rowsOf(second)]);
  });

  it('are none of a shard that is another than was scored: nothing is decided by them', async () => {
    await expect(fetch([bytesOf(second)], [bytesOf(first)])).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: '0.arrow: reading failed: it has changed since it was scored',
    });
  });

  describe('of a shard that was scored here', () => {
    const path = '0.arrow';
    const content = bytesOf(first);
    let folder: string;
    let odd: number[];

    beforeAll(async () => {
      folder = await mkdtemp(join(scratch, 'scored-'));
      const shard = { path, uri: path, bytes: content.length };
      const assessed = await assess(storeOf({ [path]: content }), shard, { baseline, columns: { ids: [] } });
      await keepAssessed(folder, 0, assessed);
      const [detector] = assessed.rows.detectors;
      if (detector === undefined) throw new Error('no detector');
      odd = mostSuspicious(20, 3, (row) => suspicionOf(detector, row)).sort((a, b) => a - b);
    });

    it('are at hand where they are odd, whatever the shard is now', async () => {
      const table = await fetch([bytesOf(second)], [content], odd, folder);
      expect([...table].map((row) => JSON.stringify(row))).toEqual(odd.map((row) => JSON.stringify(first?.get(row))));
    });

    it('are read again where any of them is not', async () => {
      const all = [...new Array(20).keys()];
      await expect(fetch([bytesOf(second)], [content], all, folder)).rejects.toMatchObject({ code: 'READ_FAILED' });
      expect(await fetch([content], [content], all, folder)).toMatchObject({ numRows: 20 });
    });
  });
});
