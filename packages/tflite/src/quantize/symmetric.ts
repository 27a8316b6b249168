/** Symmetric matrices [size, size] in double precision, row-major. Sums in a fixed order: the same bits everywhere. */

/** The lower triangle L of a positive definite matrix, with L Lᵀ = matrix. */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let sum = matrix[row * size + column];
      for (let k = 0; k < column; k++) sum -= lower[row * size + k] * lower[column * size + k];
      lower[row * size + column] = row === column ? Math.sqrt(sum) : sum / lower[column * size + column];
    }
  }
  return lower;
}

/** The inverse of a positive definite matrix. */
export function inverse(matrix: Float64Array, size: number): Float64Array {
  const lower = cholesky(matrix, size);
  const inverted = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let sum = row === column ? 1 : 0;
      for (let k = column; k < row; k++) sum -= lower[row * size + k] * inverted[k * size + column];
      inverted[row * size + column] = sum / lower[row * size + row];
    }
  }
  const result = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = 0;
      for (let k = row; k < size; k++) sum += inverted[k * size + row] * inverted[k * size + column];
      result[row * size + column] = sum;
      result[column * size + row] = sum;
    }
  }
  return result;
}

/** A copy with `share` of the mean of the diagonal added to the diagonal: positive definite, whatever it was. */
export function damped(matrix: Float64Array, size: number, share: number): Float64Array {
  const copy = matrix.slice();
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i];
  // A matrix of zeros, of inputs that never vary, becomes the identity.
  const added = trace > 0 ? (share * trace) / size : 1;
  for (let i = 0; i < size; i++) copy[i * size + i] += added;
  return copy;
}
