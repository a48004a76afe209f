import { describe, expect, it } from 'vitest';
import { someOf } from '../src/count.js';

describe('some of many names', () => {
  it.each([
    [[], 5, ''],
    [['a'], 5, 'a'],
    [['a', 'b'], 2, 'a, b'],
    [['a', 'b', 'c'], 2, 'a, b and 1 more'],
    [Array.from({ length: 3005 }, (_, at) => at), 3, '0, 1, 2 and 3,002 more'],
  ])('are told as they are while they are few: %#', (names: (string | number)[], most, told) => {
    expect(someOf(names, most)).toBe(told);
  });
});
