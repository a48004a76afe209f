import { beforeAll, describe, expect, it } from 'vitest';
import { chooseExemplars } from '../../src/baseline/exemplars.js';
import { startBackend } from '../../src/linear/index.js';
import { numberRows } from '../detect/populations.js';
import { numbers, strings, tableOf } from '../encode/tables.js';
import { fitOn, labelled } from './trusted.js';

beforeAll(async () => {
  await startBackend('wasm');
});

/** Rows of one number; row r is of class 1 where r < rare, else of class 0. */
function choose(rows: number, rare: number, width = 1) {
  const labels = Int32Array.from({ length: rows }, (_, row) => (row < rare ? 1 : 0));
  const cells = Array.from({ length: rows }, (_, row) => row);
  const names = Array.from({ length: width }, (_, index) => `n${index}`);
  return chooseExemplars({
    table: tableOf({ n0: numbers(cells), text: strings(cells.map((row) => `row ${row} ${'x'.repeat(300)}`)) }),
    columns: names.map((name) => ({ name, role: 'feature', type: 'Float64', guessed: true })),
    features: { rows, cols: 1, data: Float32Array.from(cells) },
    labels,
    distinct: Int32Array.from(cells).reverse(),
  });
}

describe('exemplars', () => {
  it('are as many of each class as there is room for, rare ones whole', () => {
    const { rows, features } = choose(2000, 30);
    expect(rows).toHaveLength(400);
    expect(rows.filter(({ label }) => label === 1)).toHaveLength(30);
    expect(rows.map(({ values }) => Number(values.get('n0')))).toEqual([...features.data]);
  });

  it('are fewer of wide rows, and their long cells cut', () => {
    const { rows } = choose(2000, 30, 1000);
    expect(rows).toHaveLength(100);
    for (const { values } of rows) expect(values.get('text')).toMatch(/^row \d+ x+…$/);
  });

  it('are kept by a fit only where asked for, the same each time', () => {
    const table = labelled(numberRows(160, 'trusted'));
    expect(fitOn(table).exemplars).toBeNull();
    const fitted = () => fitOn(table, {}, undefined, { exemplars: true });
    expect(fitted()).toEqual(fitted());
    expect({ ...fitted(), exemplars: null }).toEqual(fitOn(table));
    expect(fitted().exemplars?.rows[0]?.values.get('label')).toMatch(/^class \d$/);
  });
});
