import { Float32, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignRoles, type NamedColumns } from '../../../src/encode/index.js';
import { normals, seededRandom } from '../../../src/linear/index.js';
import type { Contract } from '../../../src/schema/index.js';
import { checkContract, contractText, holds, inferContract, parseContract } from '../../../src/verify/index.js';
import { lists, numbers, strings, tableOf } from '../../encode/tables.js';

function infer(table: ReturnType<typeof tableOf>, named: Partial<NamedColumns> = {}): Contract {
  return inferContract(table, assignRoles(table, { ids: [], ...named }, 'trusted'));
}

function inferOne(column: Parameters<typeof tableOf>[0][string], name = 'x') {
  return infer(tableOf({ [name]: column })).columns[0]!;
}

function pinned(contract: unknown) {
  const parsed = parseContract(contract);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.contract;
}

const rows = (count: number, cell: (row: number) => string | null) =>
  strings(Array.from({ length: count }, (_, row) => cell(row)));

describe('an inferred contract', () => {
  const cells = fc.oneof(
    fc.array(fc.option(fc.double()), { minLength: 30, maxLength: 30 }).map(numbers),
    fc.array(fc.option(fc.integer()), { minLength: 30, maxLength: 30 }).map(numbers),
    fc
      .array(fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), { minLength: 30, maxLength: 30 })
      .map((values) => vectorFromArray(values, new Int64())),
    fc.array(fc.option(fc.constantFrom('a', 'b', '__proto__', '')), { minLength: 30, maxLength: 30 }).map(strings),
    fc.array(fc.option(fc.string({ unit: 'grapheme' })), { minLength: 30, maxLength: 30 }).map(strings),
    fc.array(fc.tuple(fc.float(), fc.float()), { minLength: 30, maxLength: 30 }).map((values) => lists(values)),
  );
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('label', 'id', 'group', 'prompt', 'response', 'constructor', 'a\u001b\u202e'),
  );

  it('survives being written and read, advises, and its own rows keep it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, cells), { selector: ([key]) => key.toLowerCase(), minLength: 1, maxLength: 5 }),
        (columns) => {
          const safe = columns.filter(([key]) => key !== '__proto__' && !/^(label|target|class|y)$/i.test(key));
          const table = tableOf(Object.fromEntries(safe.length === 0 ? [['x', numbers([1])]] : safe));
          const contract = infer(table);
          const { contract: read, isAdvisory } = pinned(JSON.parse(contractText(contract)));
          expect(read).toEqual(contract);
          expect(isAdvisory).toBe(true);
          expect(checkContract(table, read)).toEqual([]);
          expect(checkContract(table, read).filter((breach) => holds(breach, false))).toEqual([]);
        },
      ),
    );
  });

  it('advises as long as nothing but its layout is edited', () => {
    const contract = infer(tableOf({ x: numbers([1, 2, 3]), y: rows(3, String) }));
    const { version, inferred, columns } = contract;
    const shuffled = { $schema: 'contract.schema.json', columns, inferred, version };
    expect(pinned(shuffled).isAdvisory).toBe(true);
    expect(pinned(shuffled).sha256).toBe(pinned(contract).sha256);
    const edited = { ...contract, columns: [{ ...columns[0], maxNullShare: 0.5 }, ...columns.slice(1)] };
    expect(pinned(edited).isAdvisory).toBe(false);
    expect(pinned(edited).sha256).not.toBe(pinned(contract).sha256);
    expect(pinned({ version, columns }).isAdvisory).toBe(false);
    expect(pinned({ ...contract, columns: columns.toReversed() }).isAdvisory).toBe(false);
  });

  it('marks what was guessed', () => {
    const table = tableOf({
      kind: rows(40, (row) => `k${row % 2}`),
      pixels: lists(Array.from({ length: 40 }, () => [1, 2])),
    });
    expect(infer(table, { label: 'kind' }).columns).toEqual([
      {
        name: 'kind',
        type: 'Utf8',
        role: 'label',
        maxNullShare: expect.any(Number) as number,
        categories: ['k0', 'k1'],
        guessed: ['maxNullShare', 'categories'],
      },
      {
        name: 'pixels',
        type: 'FixedSizeList[2]<Float32>',
        role: 'embedding',
        maxNullShare: expect.any(Number) as number,
        size: 2,
        guessed: ['role', 'maxNullShare'],
      },
    ]);
  });
});

describe('what is inferred', () => {
  it('are ranges that new rows of the same kind stay in and gross errors do not', () => {
    const random = seededRandom('ranges');
    const laws = {
      normal: (z: number) => 20 + 8 * z,
      lognormal: (z: number) => Math.exp(z),
      count: (z: number) => Math.round(Math.abs(5 * z)),
    };
    for (const law of Object.values(laws)) {
      let left = 0;
      for (let repeat = 0; repeat < 200; repeat++) {
        const { min = 0, max = 0 } = inferOne(numbers(Array.from(normals(random, 300), law))).range as {
          min: number;
          max: number;
        };
        left += Array.from(normals(random, 300), law).filter((value) => value < min || value > max).length;
        expect(max).toBeLessThan(1000);
        expect(min).toBeGreaterThan(-999);
      }
      // Without slack one of the 300 would lie outside, on average.
      expect(left / 200).toBeLessThan(0.1);
    }
  });

  it('keeps what never was negative so, whole numbers whole, and says nothing of a constant', () => {
    const whole = Array.from({ length: 100 }, (_, row) => row % 7);
    expect(inferOne(numbers(whole)).range).toEqual({ min: 0, max: 8 });
    expect(inferOne(numbers(whole.map((value) => -value))).range).toEqual({ min: -8, max: 0 });
    expect(inferOne(numbers(whole.map(() => 3)))).not.toHaveProperty('range');
    expect(inferOne(numbers([null, null]))).not.toHaveProperty('range');
    expect(inferOne(numbers([1, 2, 3, Number.POSITIVE_INFINITY]))).not.toHaveProperty('range.max');
  });

  it('is the greatest share of nulls that so few leave possible', () => {
    const shareOf = (missing: number, total: number) =>
      inferOne(numbers(Array.from({ length: total }, (_, row) => (row < missing ? null : row)))).maxNullShare!;
    // 1 − 0.001^(1/n) where none is missing.
    expect(shareOf(0, 1000)).toBeCloseTo(0.0069, 4);
    expect(shareOf(100, 1000)).toBeGreaterThan(0.13);
    expect(shareOf(100, 1000)).toBeLessThan(0.145);
    expect(shareOf(10, 10)).toBe(1);
  });

  it('are categories only where few and repeated, else lengths', () => {
    expect(inferOne(rows(100, (row) => `c${row % 10}`))).toHaveProperty('categories.length', 10);
    expect(inferOne(rows(101, (row) => (row === 100 ? 'rare' : `c${row % 10}`)))).toMatchObject({
      length: { min: 1, max: 8 },
    });
    expect(inferOne(rows(2000, (row) => `c${row % 100}`))).not.toHaveProperty('categories');
    expect(inferOne(rows(30, (row) => `c${row % 10}`))).not.toHaveProperty('categories');
    expect(inferOne(rows(60, (row) => `free text number ${row}`))).toMatchObject({
      role: 'text',
      length: { min: 9, max: 38 },
    });
  });

  it('is that columns about the rows, not in them, may be missing', () => {
    const table = tableOf({
      id: rows(40, String),
      split: rows(40, () => 'train'),
      worker: rows(40, () => 'w'),
      x: numbers(Array.from({ length: 40 }, (_, row) => row)),
    });
    expect(infer(table).columns.map(({ name, optional }) => [name, optional])).toEqual([
      ['id', true],
      ['split', true],
      ['worker', true],
      ['x', undefined],
    ]);
  });

  it('is no latest time: later rows are what one expects', () => {
    const times = vectorFromArray(Array.from({ length: 100 }, (_, row) => new Date(Date.UTC(2024, 0, 1 + row))));
    expect(inferOne(times).range).toEqual({ min: '2023-12-06' });
  });
});

describe('roles for language models', () => {
  const text = (word: string) => rows(40, (row) => `${word} ${row}`);

  it('are guessed when both sides are there and no label', () => {
    const roles = (table: ReturnType<typeof tableOf>, named: Partial<NamedColumns> = {}) =>
      infer(table, named).columns.map(({ role }) => role);
    expect(roles(tableOf({ Instruction: text('do'), output: text('done') }))).toEqual(['prompt', 'response']);
    expect(roles(tableOf({ instruction: text('do'), x: text('done') }))).not.toContain('prompt');
    expect(roles(tableOf({ prompt: text('do'), answer: text('done'), label: text('l') }))).not.toContain('prompt');
    expect(roles(tableOf({ prompt: text('do'), answer: text('done'), z: text('l') }), { label: 'z' })).not.toContain(
      'prompt',
    );
    expect(roles(tableOf({ input: numbers([1, 2]), output: numbers([3, 4]) }))).toEqual(['feature', 'feature']);
  });

  it('are probabilities of classes only as lists of fractions', () => {
    const probabilities = lists(
      Array.from({ length: 40 }, () => [0.5, 0.5]),
      new Float32(),
    );
    expect(inferOne(probabilities, 'pred_probs')).toMatchObject({ role: 'pred_probs', size: 2 });
    expect(inferOne(probabilities, 'scores').role).toBe('embedding');
    expect(inferOne(vectorFromArray(['a'], new Utf8()), 'pred_probs').role).toBe('feature');
  });
});
