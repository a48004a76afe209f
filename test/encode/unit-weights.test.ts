import { expect, test } from 'vitest';
import { type ColumnRole, encodeRows, fitEncoder, unitWeighted, unitWeightsOf } from '../../src/encode/index.js';
import { normals, seededRandom, startBackend } from '../../src/linear/index.js';
import { everyRow, lists, numbers, strings, tableOf } from './tables.js';

const count = 400;

function noise(seed: string, deviation: number): number[] {
  return Array.from(normals(seededRandom(seed), count), (value) => value * deviation);
}

async function weightedDeviations(table: ReturnType<typeof tableOf>, columns: ColumnRole[]) {
  await startBackend('wasm');
  const encoder = fitEncoder(table, columns, everyRow(table), 'seed');
  const { cols, data } = unitWeighted(unitWeightsOf(encoder), encodeRows(encoder, table).features);
  return Array.from({ length: cols }, (_, d) => {
    const cells = Array.from({ length: count }, (_, row) => data[row * cols + d] as number);
    const centre = cells.reduce((sum, cell) => sum + cell, 0) / count;
    return Math.sqrt(cells.reduce((sum, cell) => sum + (cell - centre) ** 2, 0) / count);
  });
}

const role = (name: string, one: ColumnRole['role']): ColumnRole => ({ name, role: one, type: '', guessed: true });

test('numbers keep the root of how much more they vary than others, up to where it is a choice of unit', async () => {
  const table = tableOf({
    a: numbers(noise('a', 1)),
    b: numbers(noise('b', 4)),
    c: numbers(noise('c', 0.25)),
    d: numbers(noise('d', 1e6)),
    e: numbers(noise('e', 1e-6)),
  });
  const deviations = await weightedDeviations(
    table,
    ['a', 'b', 'c', 'd', 'e'].map((name) => role(name, 'feature')),
  );
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = deviations;
  expect(b / a).toBeCloseTo(2, 0);
  expect(c / a).toBeCloseTo(1 / 2, 1);
  expect(d / a).toBeCloseTo(4, 0);
  expect(e / a).toBeCloseTo(1 / 4, 1);
});

test('categories and vectors stand beside numbers as they are encoded', async () => {
  const table = tableOf({
    a: numbers(noise('a', 1000)),
    b: strings(noise('b', 1).map((value) => (value > 0 ? 'yes' : 'no'))),
    c: lists(noise('c', 5).map((value) => [value, -value])),
  });
  const deviations = await weightedDeviations(table, [
    role('a', 'feature'),
    role('b', 'feature'),
    role('c', 'embedding'),
  ]);
  const [number = 0, yes = 0, no = 0, , , vector = 0] = deviations;
  expect(yes / number).toBeCloseTo(0.5, 1);
  expect(no / number).toBeCloseTo(0.5, 1);
  expect(vector / number).toBeCloseTo(1, 1);
});

test('is as wide as the dense columns, and empty where there is only text', async () => {
  const table = tableOf({ a: strings(noise('a', 1).map((value) => `some words about ${value}`)) });
  expect(await weightedDeviations(table, [role('a', 'text')])).toEqual([]);
});
