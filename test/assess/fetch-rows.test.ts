import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crew, fetchRows } from '../../src/assess/index.js';
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

function fetch(contents: readonly Buffer[], scored: readonly Buffer[]) {
  const paths = contents.map((_, number) => `${number}.arrow`);
  const wanted = paths.map((path, number) => ({
    shard: { path, uri: path, bytes: contents[number]?.length ?? 0 },
    number,
    sha256: sha256(scored[number] ?? ''),
    rows: [1, 4],
  }));
  return fetchRows(wanted, {
    store: storeOf(Object.fromEntries(paths.map((path, number) => [path, contents[number] ?? Buffer.alloc(0)]))),
    baseline,
    columns: { ids: [] },
    backend: 'wasm',
    crew,
    processes: 1,
    limits: defaultShardLimits,
    scratch,
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
});
