import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseContract } from '../../../src/verify/index.js';

const column = (more: Record<string, unknown> = {}) => ({ name: 'x', type: 'Float64', role: 'feature', ...more });

function problemsOf(...columns: unknown[]): readonly string[] {
  const parsed = parseContract({ version: 1, columns });
  return 'problems' in parsed ? parsed.problems : [];
}

describe('a bad contract', () => {
  it.each([
    [
      'an unknown role',
      column({ role: 'lable' }),
      /^columns\[0\]\.role is "lable": it must be one of label, feature, .*response/,
    ],
    [
      'an unknown setting',
      column({ ranges: {} }),
      /^columns\[0\] has an unknown setting "ranges": remove it, or use one of name, .*range/,
    ],
    [
      'a regular expression',
      column({ pattern: '^a' }),
      /^columns\[0\] has pattern, but contracts hold no regular expressions: use categories/,
    ],
    ['no type', { name: 'x', role: 'id' }, /^columns\[0\] lacks type: add it/],
    ['a share above one', column({ maxNullShare: 2 }), /^columns\[0\]\.maxNullShare must be <= 1/],
    ['an empty range', column({ range: {} }), /^columns\[0\]\.range must NOT have fewer than 1/],
    [
      'a range upside down',
      column({ range: { min: 2, max: 1 } }),
      /^columns\[0\]\.range\.min is above max: exchange them/,
    ],
    ['a number as text', column({ range: { min: '2' } }), /^columns\[0\]\.range\.min must be a number/],
    [
      'a time that is none',
      column({ type: 'DateDay', range: { max: 'soon' } }),
      /^columns\[0\]\.range\.max must be a time such as/,
    ],
    [
      'a range of text',
      column({ type: 'Utf8', range: { min: 2 } }),
      /^columns\[0\]\.range suits numbers and times, not Utf8/,
    ],
    ['a length of numbers', column({ length: { max: 2 } }), /^columns\[0\]\.length suits text/],
    [
      'a length upside down',
      column({ type: 'Utf8', length: { min: 3, max: 2 } }),
      /^columns\[0\]\.length\.min is above max/,
    ],
    ['a size of numbers', column({ size: 3 }), /^columns\[0\]\.size suits lists/],
    [
      'categories of lists',
      column({ type: 'FixedSizeList[2]<Float32>', categories: ['a'] }),
      /^columns\[0\]\.categories suit single values/,
    ],
    ['a category twice', column({ categories: ['a', 'a'] }), /^columns\[0\]\.categories names a value twice/],
    [
      'an embedding of numbers',
      column({ role: 'embedding' }),
      /^columns\[0\]\.role embedding needs lists of so many numbers/,
    ],
    [
      'an embedding of any size',
      column({ role: 'embedding', type: 'List<Float32>' }),
      /^columns\[0\]\.role embedding needs lists/,
    ],
    ['a prompt of numbers', column({ role: 'prompt' }), /^columns\[0\]\.role prompt needs text/],
    [
      'a feature that may be missing',
      column({ optional: true }),
      /^columns\[0\]\.optional does not suit the role feature/,
    ],
  ])('has %s', (_, bad, problem) => {
    expect(problemsOf(bad)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells everything at once, with its place', () => {
    const problems = problemsOf(
      column({ role: 'label' }),
      column({ name: 'y', role: 'label', range: { min: 3, max: 1 } }),
      column({ name: 'z', role: 'sorce' }),
      column(),
    );
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/columns\[2\]\.role is "sorce"/);
    expect(problems.join('\n')).toMatch(/columns\[3\]\.name is "x" like columns\[0\]\.name: keep one of them/);
    expect(problems.join('\n')).toMatch(
      /columns\[0\] and columns\[1\] have the role label: give all but one another role/,
    );
    expect(problems.join('\n')).toMatch(/columns\[1\]\.range\.min is above max/);
  });

  it.each([
    [null, 'the contract must be of type object'],
    [[], 'the contract must be of type object'],
    [{ version: 2, columns: [column()] }, 'version is 2: it must be one of 1'],
    [{ version: 1, columns: [] }, 'columns must NOT have fewer than 1 items'],
    [{ version: 1, columns: {} }, 'columns must be of type array'],
    [{ version: 1, columns: [column()], inferred: 'yes' }, 'inferred is no SHA-256: remove it'],
    [
      JSON.parse('{ "version": 1, "columns": [{ "name": "x", "type": "Utf8", "role": "text" }], "__proto__": {} }'),
      'unknown setting "__proto__"',
    ],
  ])('is %j', (value, problem) => {
    const parsed = parseContract(value);
    expect('problems' in parsed ? parsed.problems : []).toEqual([expect.stringContaining(problem)]);
  });

  it('is none for its names alone: any text names a column', () => {
    const names = ['__proto__', 'constructor', '', 'a\u0000b', '\u202e', 'x'.repeat(5000)];
    expect(problemsOf(...names.map((name) => column({ name })))).toEqual([]);
  });
});

it('is what the guide shows', () => {
  const guide = readFileSync(new URL('../../../docs/contract.md', import.meta.url), 'utf8');
  const example: unknown = JSON.parse(/```json\n(.*?)```/s.exec(guide)?.[1] ?? '');
  expect(parseContract(example)).toHaveProperty('contract.isAdvisory', false);
});
