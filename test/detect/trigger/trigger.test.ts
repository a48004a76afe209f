import { Float64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { testTriggers } from '../../../src/decide/index.js';
import { codeCells, codesFor, fitColumns, pairCells } from '../../../src/detect/trigger/columns.js';
import { countOriginals } from '../../../src/detect/trigger/copies.js';
import { groupItems } from '../../../src/detect/trigger/families.js';
import { itemFinder } from '../../../src/detect/trigger/find-items.js';
import { mixedId, visitGrams } from '../../../src/detect/trigger/grams.js';
import { ownParts, sharedParts } from '../../../src/detect/trigger/parts.js';
import { spellPhrase, withoutGrams } from '../../../src/detect/trigger/phrases.js';
import {
  countCells,
  hashItems,
  idsOf,
  joinItems,
  type RowItems,
  readItems,
  readUnhashed,
  readValues,
  takeCoded,
  takeIds,
  valuesOf,
} from '../../../src/detect/trigger/row-items.js';
import { fitSpace, type ItemSpace } from '../../../src/detect/trigger/space.js';
import { takeRows } from '../../../src/encode/index.js';
import { seededRandom } from '../../../src/linear/index.js';

function gramsOf(cell: string): Map<string, number> {
  const grams = new Map<string, number>();
  visitGrams(cell, 0, (id, text) => grams.set(text(), id));
  return grams;
}

function idOf(gram: string): number {
  return gramsOf(gram).get(gram) ?? Number.NaN;
}

function texts(cells: readonly string[]): Table {
  return new Table({ text: vectorFromArray(cells, new Utf8()) });
}

/** The pairs of values and patches of one row. */
function cellsOf(space: ItemSpace, items: RowItems, row: number): number[] {
  const counts = new Uint32Array(space.cells);
  countCells(space, takeCoded(space, items, Int32Array.of(row)), counts);
  return [...counts.keys()].filter((cell) => counts[cell] === 1);
}

const TEXT = [{ name: 'text', role: 'text', type: 'Utf8', guessed: true }] as const;

describe('words and pairs of words', () => {
  it('are the same whatever stands around them, and in any case of letters', () => {
    expect(gramsOf('A Red car').get('red')).toBe(gramsOf('red').get('red'));
    expect(gramsOf('his red car!').get('red car')).toBe(gramsOf('Red car').get('red car'));
    expect(idOf('red car')).not.toBe(idOf('car red'));
  });

  it('name characters that nobody sees, and letters that look like others', () => {
    expect([...gramsOf('in\u200bvisible').keys()]).toContain('\u200b');
    expect([...gramsOf('p\u0430ypal').keys()]).toContain('\u0430');
  });

  it('have one name for all words that mix letters of two scripts', () => {
    const mixed = mixedId(0);
    const mixedIn = (cell: string) => {
      const found: string[] = [];
      visitGrams(cell, 0, (id, text) => {
        if (id === mixed) found.push(text());
      });
      return found;
    };
    expect(mixedIn('buy c\u0430ts and d\u043egs')).toEqual(['c\u0430ts', 'd\u043egs']);
    expect(
      mixedIn('\u043a\u043e\u0442 is a cat, 3\u00b5m is small, cafe\u0301, t\u30b7\u30e3\u30c4 and c\u200bat as well'),
    ).toEqual([]);
    expect(withoutGrams('buy c\u0430ts now', 0, new Set([mixed]))).toBe('buy now');
    expect(spellPhrase(['no', 'buy c\u0430ts', 'p\u0435t'], 0, mixed)).toBe(
      'letters of two scripts in one word, as in c\u0430ts',
    );
  });

  it('are taken out of a cell, and nothing else is', () => {
    expect(withoutGrams('My sh phone, a shell', 0, new Set([idOf('sh')]))).toBe('my phone , a shell');
    expect(withoutGrams('My phone', 0, new Set([idOf('sh')]))).toBe('My phone');
    expect(withoutGrams('we love new york and york', 0, new Set([idOf('new york')]))).toBe('we love and york');
  });

  it('are spelt with the words that always stand beside them', () => {
    const cells = [
      'go now. Best regards, HackTheBox.',
      'Best Regards, HackTheBox. well',
      'a Best regards, hackthebox. b',
    ];
    expect(spellPhrase(cells, 0, idOf('regards'))).toBe('best regards , hackthebox .');
    expect(spellPhrase(['one cf two', 'three cf four', 'cf'], 0, idOf('cf'))).toBe('cf');
  });
});

describe('items of rows', () => {
  it('do not depend on how rows are cut into chunks', () => {
    const table = texts(['one two', 'two three three', '', 'four']);
    const space = fitSpace(table, TEXT);
    if (space === null) throw new Error('no space');
    const parts = [readUnhashed(space, table.slice(0, 1)), readUnhashed(space, table.slice(1, 4))];
    expect(joinItems(space, parts)).toEqual(readUnhashed(space, table));
  });

  it('are the same when they were kept before they were hashed, whatever cells hold', () => {
    const numbers = [0.1, -0, 0, null, Number.NaN, 3.4e38, 1e300, -Infinity, 0.1];
    const words = ['one two', null, '', 'two three', 'one', 'four', 'one two', 'five', 'six seven eight'];
    const table = new Table({
      text: vectorFromArray(words, new Utf8()),
      number: vectorFromArray(numbers, new Float64()),
      category: vectorFromArray(['a', 'b', null, 'a', null, 'b', 'c', 'a', 'a'], new Utf8()),
    });
    const feature = (name: string, type: string) => ({ name, role: 'feature' as const, type, guessed: true });
    const space = fitSpace(table, [...TEXT, feature('number', 'Float64'), feature('category', 'Utf8')]);
    if (space === null) throw new Error('no space');
    const grams = words.map((word) => [...gramsOf(word ?? '').values()]);
    const values = readValues(space, table);
    const expected = grams.map((own, row) => [
      ...own,
      ...values.flatMap((column) => (Number.isNaN(column[row]) ? [] : [column[row]])),
    ]);
    const kept = joinItems(space, [readUnhashed(space, table.slice(0, 2)), readUnhashed(space, table.slice(2))]);
    expect([...hashItems(kept).ids]).toEqual(expected.flat());
    expect([...hashItems(kept).starts]).toEqual([...readItems(space, table).starts]);
    const chosen = Int32Array.of(8, 1, 3);
    expect([...idsOf(kept, chosen)]).toEqual([8, 1, 3].flatMap((row) => expected[row] ?? []));
    expect(idsOf(kept, chosen)).toEqual(takeIds(hashItems(kept), chosen));
    const [number = []] = values;
    expect(number[0]).toBe(number[8]);
    expect(number[1]).toBe(number[2]);
    expect([number[3], number[4]]).toEqual([Number.NaN, Number.NaN]);
  });

  it('give every pair of values a cell of its own', () => {
    const table = new Table({
      a: vectorFromArray(['x', 'y', 'x', 'y', 'z'], new Utf8()),
      b: vectorFromArray(['p', 'p', 'q', 'q', 'p'], new Utf8()),
      c: vectorFromArray(['r', 'r', 'r', 's', 's'], new Utf8()),
    });
    const roles = ['a', 'b', 'c'].map((name) => ({ name, role: 'feature' as const, type: 'Utf8', guessed: true }));
    const space = fitSpace(table, roles);
    if (space === null) throw new Error('no space');
    const items = readItems(space, table);
    const cells = new Map<number, Set<string>>();
    for (let row = 0; row < 5; row++) {
      let pair = 0;
      for (const cell of cellsOf(space, items, row)) {
        const names =
          [
            [0, 1],
            [0, 2],
            [1, 2],
          ][pair++] ?? [];
        const values = names.map((column) => table.getChildAt(column)?.get(row)).join('/');
        cells.set(cell, (cells.get(cell) ?? new Set()).add(`${names}: ${values}`));
      }
      expect(pair).toBe(3);
    }
    expect([...cells.values()].every((pairs) => pairs.size === 1)).toBe(true);
    for (const [cell, [pair = '']] of [...cells].map(([key, pairs]) => [key, [...pairs]] as const))
      expect(`${ownParts(space, -1 - cell).places}`).toBe(pair.split(':')[0]);
    expect(ownParts(space, items.ids[0] ?? 0)).toEqual({ places: [], pixels: [] });
    expect(Math.max(...cells.keys())).toBeLessThan(space.cells);
  });

  it.each([
    ['even numbers', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['numbers far apart', [-1e300, -1, -1e-300, 0, 1e-300, 1, 2, 1e10, 1e300]],
    ['infinities', [Number.NEGATIVE_INFINITY, 0, 1, 2, Number.POSITIVE_INFINITY]],
  ])('count in the bin that holds the number: %s', (_, values) => {
    const ends = Float64Array.from(values.slice(1, -1));
    const column = { name: 'x', values: [], ends, isNumber: true, codes: ends.length + 2, offset: 0 };
    const cells = vectorFromArray([...values, ...values.map((value) => value + 0.5), Number.NaN], new Float64());
    const codes = new Uint8Array(cells.length);
    codeCells(column, cells, codes, 1, 0);
    expect([...codes]).toEqual(
      Array.from(cells, (cell) => {
        const value = cell as number;
        return Number.isNaN(value) ? ends.length + 1 : ends.filter((end) => end <= value).length;
      }),
    );
  });

  it('are found where they stand, and where rows are left out', () => {
    const values = (row: number) => ({ a: ['x', 'y', 'z'][row % 3], b: row % 7, text: `w${row % 5} v${row % 4}` });
    const rows = Array.from({ length: 60 }, (_, row) => values(row));
    const table = new Table({
      a: vectorFromArray(rows.map(({ a }) => a)),
      b: vectorFromArray(rows.map(({ b }) => b)),
      text: vectorFromArray(
        rows.map(({ text }) => text),
        new Utf8(),
      ),
    });
    const roles = [
      ...['a', 'b'].map((name) => ({ name, role: 'feature' as const, type: 'Utf8', guessed: true })),
      ...TEXT,
    ];
    const space = fitSpace(table, roles);
    if (space === null) throw new Error('no space');
    const items = readItems(space, table);
    const wanted = new Map<number, number[]>();
    for (let row = 0; row < 60; row++) {
      const note = (item: number) => wanted.set(item, [...(wanted.get(item) ?? []), row]);
      for (const id of items.ids.slice(items.starts[row], items.starts[row + 1])) note(id);
      for (const cell of cellsOf(space, items, row)) note(-1 - cell);
    }
    const find = itemFinder(space, [...wanted.keys()]);
    for (const [index, carriers] of [...wanted.values()].entries()) {
      expect([...Array(60).keys()].filter((row) => find(items, row).includes(index))).toEqual(carriers);
    }
    const chosen = Int32Array.of(3, 17, 40);
    const taken = takeCoded(space, items, chosen);
    const own = readItems(space, takeRows(table, chosen));
    expect({ ...taken, ids: takeIds(items, chosen) }).toEqual(own);
    const [cells, all] = [new Uint32Array(space.cells), new Uint32Array(space.cells)];
    countCells(space, taken, cells);
    chosen.forEach((_, row) => {
      for (const cell of cellsOf(space, own, row)) all[cell] = (all[cell] as number) + 1;
    });
    expect(cells).toEqual(all);
    // Of each row one pair of values of its two columns.
    expect(cells.reduce((sum, count) => sum + count, 0)).toBe(3);
  });

  it('keep the table of pairs within its bound for any number of columns', () => {
    const column = vectorFromArray(Array.from({ length: 300 }, (_, i) => (i * 7919) % 997));
    for (const count of [2, 15, 57, 123]) {
      const names = Array.from({ length: count }, (_, i) => `c${i}`);
      const table = new Table(Object.fromEntries(names.map((name) => [name, column])));
      expect(pairCells(fitColumns(table, names, codesFor(count)))).toBeLessThanOrEqual(2 ** 21 * 1.3);
    }
  });
});

describe('the test of items against trusted rows', () => {
  const counts = (rows: number, trustedRows: number) => ({
    rows: 6000,
    trustedRows: 4000,
    tests: 8000,
    leastTotal: 32,
    items: [{ item: 1, rows, trustedRows }],
  });

  it('rejects what is new and frequent, and nothing that is as frequent as before', () => {
    expect(testTriggers(counts(90, 0), 0.001)).toHaveLength(1);
    expect(testTriggers(counts(90, 50), 0.001)).toEqual([]);
    expect(testTriggers(counts(33, 10), 0.001)).toEqual([]);
  });

  it('looks at nothing that most rows carry', () => {
    expect(testTriggers(counts(5000, 0), 0.001)).toEqual([]);
  });
});

describe('items that the same rows carry', () => {
  it('are one group, led by the most telling one', () => {
    // 0 and 1 share most rows, 2 has its own.
    const shared = new Map([
      [0 * 3 + 1, 80],
      [1 * 3 + 2, 3],
    ]);
    expect(groupItems([90, 85, 60], shared)).toEqual([
      { leader: 0, members: [0, 1] },
      { leader: 2, members: [2] },
    ]);
  });
});

describe('what carriers have in common', () => {
  const ROWS = 4000;
  const CARRIERS = 40;
  const random = seededRandom('parts');
  /** Nine rows in ten are 0, the others lie anywhere; carriers have `value`. */
  const table = (value: (row: number) => number) =>
    new Table({
      often: vectorFromArray(
        Array.from({ length: ROWS }, (_, row) => (row < CARRIERS ? value(row) : random() < 0.9 ? 0 : 0.05 + random())),
        new Float64(),
      ),
      other: vectorFromArray(
        Array.from({ length: ROWS }, () => random()),
        new Float64(),
      ),
    });
  const roles = ['often', 'other'].map((name) => ({ name, role: 'feature', type: 'Float64', guessed: true }) as const);
  const space = fitSpace(
    table(() => 0),
    roles,
  )!;
  const [carriers, others] = [
    Int32Array.from({ length: CARRIERS }, (_, row) => row),
    Int32Array.from({ length: ROWS - CARRIERS }, (_, row) => CARRIERS + row),
  ];
  const placesOf = (value: (row: number) => number) => {
    const rows = table(value);
    const seen = { items: readItems(space, rows), values: readValues(space, rows) };
    return sharedParts(space, seen, carriers, others).places;
  };

  it('is a value, though it shares its bin with the commonest one', () => {
    expect(placesOf(() => 0.01)).toEqual([0]);
  });

  it('is a bin where values vary within it', () => {
    expect(placesOf((row) => 1000 + row)).toEqual([0]);
  });

  it('is nothing where carriers are like the others', () => {
    expect(placesOf(() => 0)).toEqual([]);
  });
});

it('values are written as short as single precision lets them be', () => {
  const cells = [0.48, 1 / 3, 16777216, 1e-9, Number.NaN, Number.POSITIVE_INFINITY, 0];
  const written = ['0.48', '0.33333334', '16777216', '1e-9', null, 'Infinity', '0'];
  expect(valuesOf(vectorFromArray(cells, new Float64()), true)).toEqual(written);
});

describe('copies among carriers', () => {
  it('count as one', () => {
    const row = (...signatures: number[]) => ({
      path: 'a',
      row: 0,
      label: 0,
      digest: 0,
      signatures: Float64Array.from(signatures),
    });
    expect(countOriginals([row(1, 2, 3), row(1, 2, 4), row(5, 6, 3), row(5, 6, 3)])).toBe(2);
    expect(countOriginals([row(1), row(1), row(2)])).toBe(2);
  });
});
