import { describe, expect, it } from 'vitest';
import { countsUpTo, leastCount } from '../../bench/quality/least-count.js';
import { seededRandom } from '../../src/linear/index.js';

const counts = countsUpTo(1200);

/** A search in which each seed needs a given count, and how often it asks. */
async function search(needs: readonly number[], power = 0.95) {
  let asked = 0;
  const isDetected = async (seed: number, count: number) => {
    asked++;
    return count >= (needs[seed] as number);
  };
  return { count: await leastCount({ seeds: needs.length, power, counts, isDetected }), asked };
}

describe('the least count', () => {
  it('is the least of those tried that is detected in the share of the seeds that is asked for', async () => {
    const random = seededRandom('needs');
    for (let trial = 0; trial < 200; trial++) {
      const needs = Array.from({ length: 20 }, () => 1 + 1400 * random() ** 2);
      const power = [0.5, 0.95, 1][trial % 3] as number;
      const isEnough = (count: number) => needs.filter((need) => count >= need).length >= power * needs.length;
      expect((await search(needs, power)).count).toBe(counts.find(isEnough) ?? null);
    }
  });

  it('is none where more seeds than may be missed detect no count, and few are asked', async () => {
    const { count, asked } = await search(Array.from({ length: 20 }, () => Infinity));
    expect(count).toBeNull();
    expect(asked).toBeLessThan(2 * Math.ceil(Math.log2(counts.length)) + 2);
  });

  it('asks most seeds once', async () => {
    const random = seededRandom('alike');
    const { asked } = await search(Array.from({ length: 20 }, () => 50 + 50 * random()));
    expect(asked).toBeLessThan(60);
  });
});
