import type { DenseNetwork } from '../network/dense-network.ts';

/**
 * Orders the first `rows` rows so that the `kept` with the smallest reconstruction errors come first, in their own
 * order: training then leaves out the worst, which in contaminated data are mostly the foreign ones.
 */
export function keepBestRows(network: DenseNetwork, rows: number, kept: number): void {
  const errors = rowErrors(network, 0, rows);
  const { limit, ties } = limitOf(errors, kept);
  let good = 0;
  let bad = kept;
  let tiesLeft = ties;
  for (let row = 0; row < rows; row++) {
    const error = errors[row]!;
    const keep = error < limit || (error === limit && tiesLeft-- > 0);
    network.order[keep ? good++ : bad++] = row;
  }
}

/**
 * The largest error among the `kept` smallest, and how many of the errors that equal it are among them.
 */
export function limitOf(errors: Float64Array, kept: number): { limit: number; ties: number } {
  const sorted = errors.toSorted();
  const limit = sorted[kept - 1]!;
  return { limit, ties: kept - sorted.indexOf(limit) };
}

/** Mean squared reconstruction error of the clean rows `order[first .. first + count)`. */
export function rowErrors(network: DenseNetwork, first: number, count: number): Float64Array {
  const errors = new Float64Array(count);
  const width = network.layout.layers[0]!.inputs;
  for (let start = 0; start < count; start += network.partRows) {
    const rows = Math.min(network.partRows, count - start);
    const outputs = network.reconstruct(first + start, rows);
    for (let row = 0; row < rows; row++) {
      const target = network.order[first + start + row]! * network.stride;
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const residual = network.rows[target + i]! - outputs[row * network.stride + i]!;
        sum += residual * residual;
      }
      errors[start + row] = sum / width;
    }
  }
  return errors;
}
