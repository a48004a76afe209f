import { describe, expect, it } from 'vitest';
import { CountingFilter } from '../../../src/detect/ledger/counting-filter.js';
import { seededRandom } from '../../../src/linear/index.js';

const NUMBERS = 50_000;
const random = seededRandom('filter');
const numbers = Array.from(
  { length: NUMBERS },
  () => Math.floor(random() * 2 ** 26) * 2 ** 26 + Math.floor(random() * 2 ** 26),
);

describe('a counting filter', () => {
  it('counts no number too low, and hardly any unique one high', () => {
    const filter = new CountingFilter(NUMBERS);
    filter.addAll(Float64Array.from(numbers));
    for (let copy = 1; copy < 20; copy++) filter.addAll(Float64Array.from(numbers.slice(0, 100)));
    expect(numbers.slice(0, 100).every((number) => filter.count(number) >= 20)).toBe(true);
    expect(numbers.every((number) => filter.count(number) >= 1)).toBe(true);
    const high = numbers.slice(100).filter((number) => filter.count(number) >= 5);
    expect(high.length).toBeLessThan(NUMBERS / 500);
  });

  it('stops at 255', () => {
    const filter = new CountingFilter(1);
    for (let copy = 0; copy < 1000; copy++) filter.addAll(Float64Array.of(12345));
    expect(filter.count(12345)).toBe(255);
  });

  it('stays small when it is too small, and then counts too high', () => {
    const filter = new CountingFilter(1);
    filter.addAll(Float64Array.from(numbers));
    expect(numbers.every((number) => filter.count(number) >= 1)).toBe(true);
  });
});
