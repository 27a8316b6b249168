/** Eigenvalues, largest first, with their eigenvectors as rows. */
export interface Eigen {
  readonly values: Float64Array;
  /** [n, n]; row i is the unit eigenvector of `values[i]`. */
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * Eigenvalues of a symmetric matrix by Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5): slow but
 * accurate, and the same bits everywhere. `matrix` is [n, n] and stays as it is.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  let total = 0;
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (const x of a) total += x * x;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2;
    if (off <= 1e-24 * total) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    values[to] = a[from * n + from]!;
    vectors.set(v.subarray(from * n, from * n + n), to * n);
  });
  return { values, vectors };
}

/** Zeroes a[p, q]; the rows of `v` turn along. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const cos = 1 / Math.sqrt(1 + t * t);
  const sin = t * cos;
  for (let k = 0; k < n; k++) {
    const akp = a[k * n + p]!;
    const akq = a[k * n + q]!;
    a[k * n + p] = cos * akp - sin * akq;
    a[k * n + q] = sin * akp + cos * akq;
  }
  for (let k = 0; k < n; k++) {
    const apk = a[p * n + k]!;
    const aqk = a[q * n + k]!;
    a[p * n + k] = cos * apk - sin * aqk;
    a[q * n + k] = sin * apk + cos * aqk;
    const vpk = v[p * n + k]!;
    const vqk = v[q * n + k]!;
    v[p * n + k] = cos * vpk - sin * vqk;
    v[q * n + k] = sin * vpk + cos * vqk;
  }
}
