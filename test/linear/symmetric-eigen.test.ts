import { describe, expect, it } from 'vitest';
import { normals, seededRandom } from '../../src/linear/index.js';
import { symmetricEigen } from '../../src/linear/symmetric-eigen.js';

const SIZE = 30;

/** BBᵀ of a square B of normal numbers. */
function symmetric(): Float64Array {
  const b = normals(seededRandom('symmetric'), SIZE * SIZE);
  return Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIZE), at % SIZE];
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += b[row * SIZE + k]! * b[column * SIZE + k]!;
    return sum;
  });
}

describe('the eigenvectors of a symmetric matrix', () => {
  it('are orthonormal and make it up', () => {
    const a = symmetric();
    const { values, vectors } = symmetricEigen(a, SIZE);
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        let [product, made] = [0, 0];
        for (let k = 0; k < SIZE; k++) {
          product += vectors[k * SIZE + row]! * vectors[k * SIZE + column]!;
          made += vectors[row * SIZE + k]! * values[k]! * vectors[column * SIZE + k]!;
        }
        expect(product).toBeCloseTo(row === column ? 1 : 0, 10);
        expect(made).toBeCloseTo(a[row * SIZE + column]!, 8);
      }
    }
  });

  it('are the axes of what is diagonal already', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(3, 0, 0, -1), 2);
    expect([...values]).toEqual([3, -1]);
    expect([...vectors]).toEqual([1, 0, 0, 1]);
  });

  it('are found of zeros', () => {
    expect([...symmetricEigen(new Float64Array(4), 2).values]).toEqual([0, 0]);
  });
});
