import { mean, sampleCorrelation, sampleKurtosis, sampleSkewness, variance } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { normals, seededRandom, standardNormal } from '../../src/linear/index.js';

const COUNT = 100_000;

function draw(seed: string, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

describe('seededRandom', () => {
  it('repeats itself for the same seed and for no other', () => {
    expect(draw('a', 100)).toEqual(draw('a', 100));
    expect(draw('a', 100)).not.toEqual(draw('b', 100));
    expect(draw('', 3)).toEqual(draw('', 3));
  });

  it('is uniform between 0 and 1, without the ends, and each number tells nothing of the next', () => {
    const numbers = draw('uniform', COUNT);
    expect(numbers.every((number) => number > 0 && number < 1)).toBe(true);
    expect(Math.abs(mean(numbers) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / COUNT));
    expect(Math.abs(variance(numbers) - 1 / 12)).toBeLessThan(0.001);
    expect(Math.abs(sampleCorrelation(numbers.slice(1), numbers.slice(0, -1)))).toBeLessThan(4 / Math.sqrt(COUNT));
  });
});

describe('standard normal numbers', () => {
  it('have the moments of the normal law', () => {
    const numbers = [...normals(seededRandom('normal'), COUNT)];
    expect(Math.abs(mean(numbers))).toBeLessThan(4 / Math.sqrt(COUNT));
    expect(Math.abs(variance(numbers) - 1)).toBeLessThan(4 * Math.sqrt(2 / COUNT));
    expect(Math.abs(sampleSkewness(numbers))).toBeLessThan(4 * Math.sqrt(6 / COUNT));
    expect(Math.abs(sampleKurtosis(numbers))).toBeLessThan(4 * Math.sqrt(24 / COUNT));
  });

  it('are the same one by one and many at a time', () => {
    const random = seededRandom('same');
    const oneByOne = Float32Array.from({ length: 5 }, () => standardNormal(random));
    expect(normals(seededRandom('same'), 5)).toEqual(oneByOne);
  });
});
