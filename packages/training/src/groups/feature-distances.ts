import type { Pause } from '../loop/windowed-rows.ts';
import type { RowStore } from '../rows/row-store.ts';
import { ResidualMoments } from '../scorer/residual-moments.ts';

/** Rows are looked at in blocks; of more than so many blocks, some from all over the split are taken. */
const BLOCK_ROWS = 4096;
const MOST_BLOCKS = 64;

/** An output that varies less than this is constant: it correlates with nothing. */
const LEAST_VARIANCE = 1e-12;

/**
 * Correlation distances between features, row-major [features, features]: 1 - |r|, and for features of several model inputs,
 * such as a one-hot block, 1 - √RV. RV is the multivariate r² (Robert and Escoufier 1976), |Cab|² / (|Caa| |Cbb|) by the
 * Frobenius norms of their covariances; it weighs categories by how much they vary, so that a rare one decides nothing.
 *
 * @param inputs the model inputs of each feature
 */
export async function featureDistances(
  rows: RowStore,
  inputs: readonly (readonly number[])[],
  pause: Pause,
): Promise<Float64Array> {
  const covariance = await covarianceOf(rows, pause);
  const squares = (a: readonly number[], b: readonly number[]): number => {
    let sum = 0;
    for (const i of a) for (const j of b) sum += covariance[i * rows.width + j]! ** 2;
    return sum;
  };
  const count = inputs.length;
  const norms = inputs.map((own) => squares(own, own));
  const distances = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const product = Math.sqrt(norms[a]!) * Math.sqrt(norms[b]!);
      const constant = Math.min(norms[a]!, norms[b]!) < LEAST_VARIANCE ** 2;
      const rv = constant ? 0 : Math.min(1, squares(inputs[a]!, inputs[b]!) / product);
      distances[a * count + b] = distances[b * count + a] = 1 - Math.sqrt(rv);
    }
  }
  return distances;
}

async function covarianceOf(rows: RowStore, pause: Pause): Promise<Float64Array> {
  const blocks = Math.ceil(rows.rows / BLOCK_ROWS);
  const looked = Math.min(blocks, MOST_BLOCKS);
  const values = new Float32Array(Math.min(BLOCK_ROWS, rows.rows) * rows.width);
  const moments = new ResidualMoments(rows.width);
  const zeros = new Float32Array(values.length);
  for (let block = 0; block < looked; block++) {
    const first = Math.floor((block * blocks) / looked) * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows.rows - first);
    await rows.read(first, count, values, rows.width);
    moments.add(values, zeros, rows.width, count);
    await pause();
  }
  return moments.covariance;
}
