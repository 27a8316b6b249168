import { describe, expect, it } from 'vitest';
import { SeededRandom, symmetricEigen } from '../src/index.ts';

describe('symmetricEigen', () => {
  it('gives eigenvalues and orthonormal eigenvectors', () => {
    const size = 23;
    const random = new SeededRandom(9);
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) matrix[i * size + j] = matrix[j * size + i] = random.uniform() - 0.5;
    }
    const { values, vectors } = symmetricEigen(matrix, size);
    for (let k = 0; k < size; k++) {
      for (let i = 0; i < size; i++) {
        let product = 0;
        let dot = 0;
        for (let j = 0; j < size; j++) {
          product += matrix[i * size + j]! * vectors[j * size + k]!;
          dot += vectors[j * size + k]! * vectors[j * size + i]!;
        }
        expect(product).toBeCloseTo(values[k]! * vectors[i * size + k]!, 12);
        expect(dot).toBeCloseTo(i === k ? 1 : 0, 12);
      }
    }
  });
});
