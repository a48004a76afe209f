import {
  Bool,
  DateDay,
  Dictionary,
  Field,
  Float32,
  Int32,
  List,
  makeData,
  Null,
  Struct,
  type Table,
  Uint8,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { assignRoles, type NamedColumns, namedByContract } from '../../src/encode/index.js';
import { parseContract } from '../../src/verify/index.js';
import { lists, numbers, strings, tableOf } from './tables.js';

function rolesOf(table: Table, named: Partial<NamedColumns> = {}): Record<string, string> {
  const roles = assignRoles(table, { ids: [], ...named }, 'trusted');
  return Object.fromEntries(roles.map(({ name, role }) => [name, role]));
}

const namedAfter = (...names: string[]) => tableOf(Object.fromEntries(names.map((name) => [name, numbers([1, 2])])));

describe('roles by name', () => {
  it.each([
    ['label', ['label', 'target', 'class', 'y', 'LABEL', 'Target']],
    ['source', ['source', 'annotator', 'annotator_id', 'worker', 'uploader', 'domain', 'Source']],
    ['group', ['group', 'split', 'fold', 'batch']],
    ['id', ['id', 'uuid', 'row_id', 'ID']],
  ])('%s', (role, names) => {
    for (const name of names) expect(rolesOf(namedAfter('x', name))).toEqual({ x: 'feature', [name]: role });
  });

  it('need the whole name: labels, my_label and identity are features', () => {
    expect(new Set(Object.values(rolesOf(namedAfter('labels', 'my_label', 'identity', 'yy'))))).toEqual(
      new Set(['feature']),
    );
  });

  it('say that they are guesses', () => {
    const roles = assignRoles(namedAfter('x', 'y', 'who'), { source: 'who', ids: [] }, 'trusted');
    expect(roles.map(({ name, guessed }) => [name, guessed])).toEqual([
      ['x', true],
      ['y', true],
      ['who', false],
    ]);
  });
});

describe('roles by contract', () => {
  const contractOf = (...columns: readonly Record<string, unknown>[]) => {
    const parsed = parseContract({ version: 1, columns });
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    return namedByContract(parsed.contract);
  };

  it('win over names and types, and leave nothing to guess', () => {
    const named = contractOf(
      { name: 'class', type: 'Float64', role: 'feature' },
      { name: 'kind', type: 'Float64', role: 'label' },
      { name: 'who', type: 'Utf8', role: 'source' },
      { name: 'key', type: 'Float64', role: 'id', optional: true },
    );
    expect(named).toMatchObject({ label: 'kind', source: 'who', ids: [] });
    const roles = assignRoles(namedAfter('class', 'label', 'kind', 'key', 'target'), named, 'trusted');
    expect(roles.map(({ name, role, guessed }) => [name, role, guessed])).toEqual([
      ['class', 'feature', false],
      ['label', 'ignore', false],
      ['kind', 'label', false],
      ['key', 'id', false],
      ['target', 'ignore', false],
    ]);
  });

  it('need their columns in the trusted rows, of the type they say, except for the source', () => {
    const named = contractOf(
      { name: 'a', type: 'Float64', role: 'feature' },
      { name: 'b', type: 'Utf8', role: 'feature' },
      { name: 'who', type: 'Utf8', role: 'source' },
    );
    expect(() => assignRoles(namedAfter('b'), named, 'trusted')).toThrow(
      /columns\[0\] "a" is not in the trusted rows \(trusted\).*columns\[1\].type of "b" is Utf8, the trusted rows have Float64/,
    );
  });
});

describe('roles by type', () => {
  it('tell features, text, images, embeddings and what is ignored', () => {
    const sentences = Array.from({ length: 30 }, (_, row) => `sentence number ${row} of them`);
    const columns = {
      number: numbers([1]),
      flag: vectorFromArray([true], new Bool()),
      day: vectorFromArray([new Date(0)], new DateDay()),
      category: strings(['a']),
      code: vectorFromArray([4], new Dictionary(new Int32(), new Int32())),
      image: lists([[1, 2]], new Uint8()),
      embedding: lists([[1, 2]], new Float32()),
      nested: vectorFromArray([[1]], new List(new Field('item', new Int32(), true))),
      record: vectorFromArray([{ a: 1 }], new Struct([new Field('a', new Int32(), true)])),
      nothing: new Vector([makeData({ type: new Null(), length: 1 })]),
    };
    expect(rolesOf(tableOf(columns))).toEqual({
      number: 'feature',
      flag: 'feature',
      day: 'feature',
      category: 'feature',
      code: 'feature',
      image: 'image',
      embedding: 'embedding',
      nested: 'ignore',
      record: 'ignore',
      nothing: 'ignore',
    });
    expect(rolesOf(tableOf({ free: strings(sentences) }))).toEqual({ free: 'text' });
    expect(rolesOf(tableOf({ free: vectorFromArray(sentences, new Dictionary(new Utf8(), new Int32())) }))).toEqual({
      free: 'text',
    });
  });

  it('take few distinct sentences, single words and empty columns for categories', () => {
    const repeated = Array.from({ length: 30 }, (_, row) => `answer ${row % 3} to the question`);
    const words = Array.from({ length: 30 }, (_, row) => `word${row}`);
    const empty = new Array<null>(30).fill(null);
    const table = tableOf({ repeated: strings(repeated), words: strings(words), empty: strings(empty) });
    expect(new Set(Object.values(rolesOf(table)))).toEqual(new Set(['feature']));
  });
});

describe('roles as named', () => {
  it('go before names and types', () => {
    const table = namedAfter('a', 'b', 'c', 'd', 'e');
    const named = { label: 'a', source: 'b', group: 'c', ids: ['d', 'e'] };
    expect(rolesOf(table, named)).toEqual({ a: 'label', b: 'source', c: 'group', d: 'id', e: 'id' });
  });

  it('take the role from the column whose name suggests it', () => {
    expect(rolesOf(namedAfter('truth', 'label', 'x'), { label: 'truth' })).toEqual({
      truth: 'label',
      label: 'feature',
      x: 'feature',
    });
    expect(rolesOf(namedAfter('who', 'source', 'when', 'fold'), { source: 'who', group: 'when' })).toEqual({
      who: 'source',
      source: 'feature',
      when: 'group',
      fold: 'feature',
    });
  });

  it('may give a column a role that its name belies', () => {
    expect(rolesOf(namedAfter('y', 'x'), { ids: ['y'] })).toEqual({ y: 'id', x: 'feature' });
  });

  it('may name a source that only the batch has, but no group or id', () => {
    expect(rolesOf(namedAfter('x'), { source: 's' })).toEqual({ x: 'feature' });
    expect(() => rolesOf(namedAfter('x'), { group: 'g' })).toThrow('trusted: has no column g');
    expect(() => rolesOf(namedAfter('x'), { ids: ['i'] })).toThrow('trusted: has no column i');
  });
});

describe('a label that cannot be found', () => {
  it('is asked for when two columns could be it', () => {
    expect(() => rolesOf(namedAfter('y', 'Class', 'x'))).toThrow(
      expect.objectContaining({
        code: 'LABEL_AMBIGUOUS',
        message: 'trusted: several columns could be the label: y, Class',
        remedy: 'Say which one with --label.',
      }),
    );
    expect(rolesOf(namedAfter('y', 'Class', 'x'), { label: 'y' })).toMatchObject({ y: 'label', Class: 'feature' });
  });

  it('is not there: the columns that are there are listed', () => {
    expect(() => rolesOf(namedAfter('a', 'b'), { label: 'verdict' })).toThrow(
      expect.objectContaining({
        code: 'COLUMN_MISSING',
        message: 'trusted: has no column verdict',
        remedy: 'Its columns are a, b.',
      }),
    );
  });
});
