import { TfliteError } from '../error.ts';
import type { QuantizedWeights } from './dense.ts';
import { cholesky, damped, inverse } from './symmetric.ts';

/** Share of the mean variance that is added to every input's. */
const DAMPING = 1e-4;

/**
 * Rounds weights to int8 with one scale so that the layer's sums over representative rows change little, where rounding
 * to the nearest changes each weight little: column by column, each column's rounding error is made up for by the columns
 * that are still to come. (Frantar and others 2023, "GPTQ", after Hassibi and Stork 1993, "Optimal Brain Surgeon".)
 *
 * @param weights    [units, width]
 * @param covariance of the layer's inputs [width, width]; uncentred where the bias is not corrected afterwards
 */
export function roundWeights(weights: Float64Array, width: number, covariance: Float64Array): QuantizedWeights {
  let largest = 0;
  for (const weight of weights) {
    if (!Number.isFinite(weight)) throw new TfliteError('weights', `hold ${weight}`);
    largest = Math.max(largest, Math.abs(weight));
  }
  const scale = largest === 0 ? 1 : Math.max(Math.fround(largest / 127), 2 ** -126);
  // Inputs that vary the most come first: theirs are the errors that most others can make up for.
  const order = Array.from({ length: width }, (_, i) => i).sort(
    (a, b) => covariance[b * width + b] - covariance[a * width + a],
  );
  const sorted = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) sorted[i * width + j] = covariance[order[i] * width + order[j]];
  }
  // Column i of this triangle, below its diagonal, says how the columns after i make up for an error in i.
  const share = cholesky(inverse(damped(sorted, width, DAMPING), width), width);
  const values = new Int8Array(weights.length);
  const rest = new Float64Array(width);
  for (let row = 0; row < weights.length; row += width) {
    for (let i = 0; i < width; i++) rest[i] = weights[row + order[i]];
    for (let i = 0; i < width; i++) {
      const value = Math.min(127, Math.max(-127, Math.round(rest[i] / scale)));
      values[row + order[i]] = value;
      const error = (rest[i] - value * scale) / share[i * width + i];
      for (let j = i + 1; j < width; j++) rest[j] -= error * share[j * width + i];
    }
  }
  return { values, scale };
}
