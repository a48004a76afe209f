import { expect, it } from 'vitest';
import { spectralFindings, spectralPValue } from '../../src/decide/spectral-findings.js';
import type { SpectralTail } from '../../src/detect/index.js';

const LIMITS = { tolerance: 0.005, level: 0.002 };
const places = Array.from({ length: 40 }, (_, row) => ({ path: 'a.csv', row: 2 * row }));

function tail(label: number, count: number): SpectralTail {
  const far = Array.from({ length: 2 * count }, (_, row) => row);
  return { label, rows: 100, trusted: 150, classRows: 200, shares: [{ beyond: 3, count, far }] };
}

it('advises of the class whose rows have something in common, and holds nothing', () => {
  const findings = spectralFindings({ tails: [tail(0, 2), tail(1, 20)], places }, ['cat', 'dog'], LIMITS);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ kind: 'spectral', scope: 'item', subject: 'dog', holds: false });
  expect(findings[0]!.pValue).toBeLessThan(LIMITS.level);
  expect(findings[0]!.excessRows!.estimate).toBeGreaterThan(30);
  expect(findings[0]!.evidence.summary).toContain('Of 200 rows labelled dog that were looked at, 40 have');
  expect(findings[0]!.evidence.summary).toContain('a.csv row 0, a.csv row 2');
});

it('is silent about what chance brings, and about nothing', () => {
  expect(spectralFindings({ tails: [tail(0, 3), tail(1, 4)], places }, ['cat', 'dog'], LIMITS)).toEqual([]);
  expect(spectralFindings({ tails: [], places }, [], LIMITS)).toEqual([]);
  expect(spectralPValue([], 0.005)).toBe(1);
});

it('pays for every class, direction and share', () => {
  const alone = spectralPValue([tail(0, 12)], 0);
  expect(spectralPValue([tail(0, 12), tail(1, 0), tail(2, 0), tail(3, 0)], 0)).toBeCloseTo(4 * alone, 12);
});

it('allows for the tolerance', () => {
  expect(spectralPValue([tail(0, 12)], 0.05)).toBeCloseTo(spectralPValue([tail(0, 7)], 0), 12);
});
