import { describe, expect, it } from 'vitest';
import { mayHold, sieveOf } from '../../../src/detect/ledger/sieve.js';
import { seededRandom } from '../../../src/linear/index.js';

const random = seededRandom('sieve');
const half = () => Math.floor(random() * 2 ** 26);
const number = () => half() * 2 ** 26 + half();

describe('a sieve', () => {
  it('lets all numbers of its set through, and few others', () => {
    const set = new Map(Array.from({ length: 1000 }, () => [number(), true]));
    const sieve = sieveOf(set);
    expect([...set.keys()].every((one) => mayHold(sieve, one))).toBe(true);
    const others = Array.from({ length: 10_000 }, number);
    expect(others.filter((one) => mayHold(sieve, one)).length).toBeLessThan(600);
  });

  it('lets nothing through for an empty set, and is the same on another thread', () => {
    expect(mayHold(sieveOf(new Map()), 5)).toBe(false);
    const set = new Map([[7, true]]);
    expect(mayHold(structuredClone(sieveOf(set)), 7)).toBe(true);
  });
});
