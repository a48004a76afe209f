import { describe, expect, it } from 'vitest';
import { contractFaults } from '../../src/assess/contract-faults.js';
import { type PinnedContract, parseContract } from '../../src/verify/index.js';
import { numbers, strings, tableOf } from '../encode/tables.js';

function pinned(isAdvisory: boolean): PinnedContract {
  const parsed = parseContract({
    version: 1,
    columns: [
      { name: 'x', type: 'Float64', role: 'feature', range: { max: 10 } },
      { name: 'day', type: 'Utf8', role: 'source' },
    ],
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  return { ...parsed.contract, isAdvisory };
}

describe('breaches of a contract become faults', () => {
  const table = tableOf({ x: numbers([1, 20, 30]), more: strings(['a', 'b', 'c']) });

  it('that hold once a person has edited it, and in any case where a column is missing', () => {
    const holding = (isAdvisory: boolean) =>
      contractFaults(table, pinned(isAdvisory)).map(({ numbers: { constraint }, holds }) => [constraint, holds]);
    expect(holding(false)).toEqual([
      ['range', true],
      ['missing', true],
      ['unexpected', false],
    ]);
    expect(holding(true)).toEqual([
      ['range', false],
      ['missing', true],
      ['unexpected', false],
    ]);
  });

  it('with the first rows in them', () => {
    expect(contractFaults(table, pinned(false))[0]).toEqual({
      kind: 'schema',
      summary: 'column x: 2 of 3 rows are above 10 (row 1: 20)',
      numbers: { column: 'x', constraint: 'range', rows: 2, firstRows: 'row 1: 20; row 2: 30' },
      withoutCells: {
        summary: 'column x: 2 of 3 rows are above 10 (first: row 1)',
        numbers: { column: 'x', constraint: 'range', rows: 2 },
      },
      holds: true,
    });
  });

  it('but not again where the baseline already misses the column', () => {
    const constraints = contractFaults(table, pinned(false), new Set(['day', 'x'])).map(
      (fault) => fault.numbers['constraint'],
    );
    expect(constraints).toEqual(['range', 'unexpected']);
    expect(contractFaults(table, undefined)).toEqual([]);
  });
});
