import { describe, expect, it } from 'vitest';
import { brightened } from '../../../src/report/html/brighten.js';
import type { WorstRow } from '../../../src/report/types.js';

const image = (...pixels: number[]) => ({ width: 2, height: 1, channels: 1 as const, pixels: Uint8Array.from(pixels) });
const rowOf = (own: ReturnType<typeof image>, other: ReturnType<typeof image>) =>
  ({
    images: new Map([['pixels', own]]),
    neighbour: { images: new Map([['pixels', other]]) },
    lookalike: null,
  }) as unknown as WorstRow;

describe('pictures on the page', () => {
  it('are all shown as much brighter as the brightest bears', () => {
    const { rows, factor } = brightened([rowOf(image(0, 10), image(16, 1))]);
    expect(factor).toBe(15);
    expect([...(rows[0]?.images.get('pixels')?.pixels ?? [])]).toEqual([0, 150]);
    expect([...(rows[0]?.neighbour?.images.get('pixels')?.pixels ?? [])]).toEqual([240, 15]);
  });

  it('stay as they are where they are bright enough, or black', () => {
    const bright = [rowOf(image(0, 200), image(3, 1))];
    expect(brightened(bright)).toEqual({ rows: bright, factor: 1 });
    expect(brightened([rowOf(image(0, 0), image(0, 0))]).factor).toBe(1);
    expect(brightened([]).factor).toBe(1);
  });
});
