import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cholesky, cholesky, inverseTransposed, solve } from '../../src/linear/cholesky.js';
import { normals, seededRandom } from '../../src/linear/index.js';

/** The symmetric matrix of Cholesky's textbook example and its factor. */
const KNOWN = Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98);
const KNOWN_FACTOR = Float64Array.of(2, 0, 0, 6, 1, 0, -8, 5, 3);

function product(a: Float64Array, b: Float64Array, size: number, cols: number): Float64Array {
  return Float64Array.from({ length: size * cols }, (_, at) => {
    const row = Math.floor(at / cols);
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[row * size + k]! * b[k * cols + (at % cols)]!;
    return sum;
  });
}

function positiveDefinite(size: number, seed: string): Float64Array {
  const root = normals(seededRandom(seed), size * size);
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = i === j ? 0.1 : 0;
    for (let k = 0; k < size; k++) sum += root[i * size + k]! * root[j * size + k]!;
    return sum;
  });
}

/** A⁻¹ = L⁻ᵀL⁻¹. */
function inverseOf(factor: Cholesky): Float64Array {
  const { size } = factor;
  const upper = inverseTransposed(factor);
  const lower = upper.map((_, at) => upper[(at % size) * size + Math.floor(at / size)]!);
  return product(upper, lower, size, size);
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
}

function greatestDifference(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
}

const anyMatrix = fc.record({ size: fc.integer({ min: 1, max: 40 }), seed: fc.string() });

describe('cholesky', () => {
  it('finds the factor of a known matrix', () => {
    expect(cholesky(KNOWN, 3)).toEqual({ size: 3, lower: KNOWN_FACTOR });
  });

  it('leaves what it was given as it was', () => {
    const given = KNOWN.slice();
    cholesky(given, 3);
    expect(given).toEqual(KNOWN);
  });

  it.each([
    ['indefinite', Float64Array.of(1, 2, 2, 1)],
    ['singular', Float64Array.of(1, 1, 1, 1)],
    ['zero', new Float64Array(4)],
    ['not a number', Float64Array.of(1, 0, 0, Number.NaN)],
  ])('refuses a matrix that is %s', (_, matrix) => {
    expect(cholesky(matrix, 2)).toBeUndefined();
  });
});

describe('what follows from the factor', () => {
  it('is the known inverse and the known solution', () => {
    const factor = cholesky(KNOWN, 3)!;
    const knownInverse = Float64Array.of(1777, -488, 75, -488, 134, -20.6, 75, -20.6, 3.2).map((value) => value / 36);
    const exact = Float64Array.of(1777 / 36, -122 / 9, 19 / 9, -122 / 9, 34 / 9, -5 / 9, 19 / 9, -5 / 9, 1 / 9);
    expect(knownInverse[0]).toBe(exact[0]);
    expect(greatestDifference(inverseOf(factor), exact)).toBeLessThan(1e-9);
    expect(greatestDifference(solve(factor, Float64Array.of(0, 6, 39), 1), Float64Array.of(1, 1, 1))).toBeLessThan(
      1e-9,
    );
  });

  it('is an inverse: A·A⁻¹ = I', () => {
    fc.assert(
      fc.property(anyMatrix, ({ size, seed }) => {
        const matrix = positiveDefinite(size, seed);
        const inverted = inverseOf(cholesky(matrix, size)!);
        expect(greatestDifference(product(matrix, inverted, size, size), identity(size))).toBeLessThan(1e-8);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.each([31, 32, 33, 64, 97, 321])('is an inverse of %i rows: A·A⁻¹ = I', (size) => {
    const matrix = positiveDefinite(size, `${size} rows`);
    const inverted = inverseOf(cholesky(matrix, size)!);
    expect(greatestDifference(product(matrix, inverted, size, size), identity(size))).toBeLessThan(1e-8);
  });

  it('is a solution: A·X = B for several columns at once', () => {
    fc.assert(
      fc.property(anyMatrix, fc.integer({ min: 1, max: 4 }), ({ size, seed }, cols) => {
        const matrix = positiveDefinite(size, seed);
        const wanted = Float64Array.from(normals(seededRandom(`b${seed}`), size * cols));
        const solution = solve(cholesky(matrix, size)!, wanted, cols);
        expect(greatestDifference(product(matrix, solution, size, cols), wanted)).toBeLessThan(1e-8);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is the transposed inverse of the factor itself', () => {
    const factor = cholesky(positiveDefinite(17, 'transposed'), 17)!;
    const transposed = inverseTransposed(factor);
    const upright = transposed.map((_, at) => transposed[(at % 17) * 17 + Math.floor(at / 17)]!);
    expect(greatestDifference(product(factor.lower, upright, 17, 17), identity(17))).toBeLessThan(1e-9);
  });
});
