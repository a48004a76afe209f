import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agreeOnColumns } from '../../src/assess/agree-on-columns.js';
import { Crew, chooseFrom, keyOf, sampleBatch, sampleChosen } from '../../src/assess/index.js';
import { chooseRows, leastDistinct, type SampledShard, sampleRows } from '../../src/assess/sample-rows.js';
import { locateShards } from '../../src/intake/index.js';
import { startModels } from '../../src/model/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { storeOf } from '../baseline/trusted.js';
import { tabularCsv } from './batch.js';

let scratch: string;
const crew = new Crew(defaultShardLimits);
afterAll(() => crew.stop());
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sample-test-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const common = {
  columns: { ids: [] },
  backend: 'wasm',
  crew,
  processes: 1,
  limits: defaultShardLimits,
  onProgress: () => {},
  path: 'batch',
} as const;

async function sampleOf(files: Readonly<Record<string, string>>) {
  const store = storeOf(files);
  const shards = await locateShards(store, ['batch']);
  return sampleBatch(shards, { ...common, store, scratch, models: startModels(undefined, 'wasm') });
}

/** The same from what is known of each shard by itself; `changed` are read for the sample. */
async function sampleDigestedOf(files: Readonly<Record<string, string>>, changed = files) {
  const store = storeOf(files);
  const shards = await locateShards(store, ['batch']);
  const digested = await Promise.all(
    shards.map(async (shard, number) => {
      const sampled = await sampleRows(store, { number, shard }, { ...common, folder: scratch, choice: null });
      return { hash: sampled.sha256, sampled };
    }),
  );
  const key = keyOf(digested.flatMap(({ hash }) => hash ?? []));
  const chosen = digested.map((one) => chooseFrom(one, key));
  return sampleChosen(shards, chosen, key, { ...common, store: storeOf(changed), scratch });
}

/** @throws Error with what was lost */
function sampleIn(drawn: Awaited<ReturnType<typeof sampleDigestedOf>>) {
  if ('lost' in drawn) throw new Error(`lost ${[...drawn.lost.keys()]}`);
  return drawn.sample;
}

const rowsOf = ({ table }: { table: { toArray(): unknown[] } }) => table.toArray().map((row) => JSON.stringify(row));

describe('a sample', () => {
  const [header = '', ...lines] = tabularCsv('a', 120).split('\n');
  const csv = (rows: readonly string[]) => [header, ...rows].join('\n');

  it('is the same however rows are spread over shards', async () => {
    const one = await sampleOf({ 'a.csv': csv(lines) });
    const three = await sampleOf({
      'a.csv': csv(lines.filter((_, row) => row % 3 === 2)),
      'b.csv': csv(lines.filter((_, row) => row % 3 === 0)),
      'c.csv': csv(lines.filter((_, row) => row % 3 === 1)),
    });
    expect(rowsOf(one)).toHaveLength(120);
    expect(rowsOf(three)).toEqual(rowsOf(one));
  });

  it('of a large batch is another one as soon as a byte of any shard is, and the same in any order of shards', async () => {
    const rows = (from: number) =>
      ['x,label', ...Array.from({ length: 10_500 }, (_, row) => `${from + row},a`)].join('\n');
    const [first, second] = [rows(0), rows(10_500)];
    const sampled = rowsOf(await sampleOf({ 'a.csv': first, 'b.csv': second }));
    expect(sampled).toHaveLength(20_000);
    expect(rowsOf(await sampleOf({ 'a.csv': second, 'b.csv': first })).sort()).toEqual([...sampled].sort());
    const touched = new Set(rowsOf(await sampleOf({ 'a.csv': first, 'b.csv': `${second}\n` })));
    expect(sampled.filter((row) => touched.has(row)).length).toBeLessThan(19_700);
  });

  it('is the same when rows are told apart before anything is known of the batch', async () => {
    const rows = (from: number, label: string) =>
      ['x,label', ...Array.from({ length: 12_000 }, (_, row) => `${(from + row) % 21_000},${label}`)].join('\n');
    const files = {
      'a.csv': rows(0, 'a'),
      'b.csv': rows(12_000, 'b'),
      'c.csv': `x,label\n${'7,a\n'.repeat(40)}`,
      'd.csv': 'size,colour\nwide,red\n',
      'e.csv': 'PAR1 but no Parquet file PAR1',
    };
    const [digested, whole] = [sampleIn(await sampleDigestedOf(files)), await sampleOf(files)];
    expect(whole.table.numRows).toBeGreaterThan(20_000);
    expect(rowsOf(digested)).toEqual(rowsOf(whole));
    expect({ sha256: digested.sha256, path: digested.path }).toEqual({ sha256: whole.sha256, path: whole.path });
  });

  it('holds no row of a shard that has changed since its rows were told apart', async () => {
    const files = { 'a.csv': csv(lines.slice(0, 60)), 'b.csv': csv(lines.slice(60)) };
    const changed = { ...files, 'b.csv': csv(lines.slice(60).reverse()) };
    const why = 'it has changed since its rows were told apart';
    expect(await sampleDigestedOf(files, changed)).toEqual({ lost: new Map([[1, why]]) });
  });

  it('tells which shards could not be read a second time', async () => {
    const files = { 'a.csv': csv(lines.slice(0, 60)), 'b.csv': csv(lines.slice(60)) };
    const broken = { ...files, 'a.csv': 'PAR1 but no Parquet file PAR1' };
    const drawn = await sampleDigestedOf(files, broken);
    expect('lost' in drawn && [...drawn.lost.keys()]).toEqual([0]);
  });

  it('chooses among more distinct rows than a set can hold', { timeout: 60_000 }, () => {
    const many = Float64Array.from({ length: 2 ** 24 + 10 }, (_, at) => (at * 7919) % (2 ** 24 + 43));
    expect(leastDistinct(many, 20_000)).toBe(
      Float64Array.from(new Set(many.filter((one) => one < 30_000))).sort()[19_999],
    );
    expect(leastDistinct(Float64Array.of(3, 1, 2, 2, 1), 3)).toBe(3);
    expect(leastDistinct(Float64Array.of(3, 1, 2, 2, 1), 4)).toBe(Infinity);
  });

  it('leaves out what cannot be read and what has other columns than most', async () => {
    const sample = await sampleOf({
      'a.csv': 'PAR1 but no Parquet file PAR1',
      'b.csv': 'size,colour\nwide,red\n',
      'c.csv': csv(lines.slice(0, 60)),
      'd.csv': csv(lines.slice(60)),
      'e.csv': csv(['2024-01-01,huge,1,red,ann,low']),
    });
    expect(rowsOf(sample)).toHaveLength(120);
    expect(sample.table.schema.fields.map(({ name }) => name)).toEqual(header.split(','));
  });

  it('of nothing that can be read does not exist', async () => {
    const none = sampleOf({ 'a.csv': 'PAR1 but no Parquet file PAR1', 'b.csv': '' });
    await expect(none).rejects.toMatchObject({ code: 'NO_READABLE_SHARD' });
  });
});

describe('rows are chosen', () => {
  const key = createHash('sha256').update('a key').digest('hex');
  const digests = Float64Array.from({ length: 30_000 }, (_, row) => (row * 7919) % 30_011);

  it('in row order, others under another key', () => {
    const chosen = chooseRows(digests, key);
    expect(chosen).toHaveLength(20_000);
    expect([...chosen]).toEqual([...chosen].sort((a, b) => a - b));
    const others = new Set(chooseRows(digests, createHash('sha256').update('another').digest('hex')));
    const shared = chosen.filter((row) => others.has(row)).length;
    // Two thirds of two thirds of the rows by chance, within ten deviations.
    expect(Math.abs(shared - 13_333)).toBeLessThan(600);
  });

  it('the same from all rows and from those chosen in parts', () => {
    const parts = [digests.subarray(0, 25_000), digests.subarray(25_000)];
    const inParts = parts.flatMap((part) => [...chooseRows(part, key)].map((row) => part[row]!));
    const again = chooseRows(Float64Array.from(inParts), key);
    const whole = [...chooseRows(digests, key)].map((row) => digests[row]);
    expect([...again].map((row) => inParts[row])).toEqual(whole);
  });

  it('with no more copies than can be of use', () => {
    expect(chooseRows(new Float64Array(1000).fill(5), key).length).toBeLessThan(20);
  });
});

describe('the columns of a batch', () => {
  const shard = (columns: Readonly<Record<string, string>>): SampledShard => ({
    sha256: 'a',
    fault: null,
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    digests: new Float64Array(0),
  });

  it('are those of most shards, whatever one shard says', () => {
    const agreement = agreeOnColumns(
      [
        shard({ x: 'Utf8', y: 'Int64', extra: 'Bool' }),
        shard({ x: 'Float64', y: 'Utf8' }),
        shard({ x: 'Null', y: 'Int32' }),
        shard({ x: 'Int32', y: 'Utf8', id: 'Utf8' }),
      ],
      { ids: [] },
    );
    expect(agreement.names).toEqual(['x', 'y']);
    expect([0, 1, 2, 3].map((index) => agreement.isAgreed(index))).toEqual([false, true, true, true]);
  });
});
