import type { TrainStatistics } from './train-statistics.ts';

/**
 * A simple detector to measure ours against, fitted on the same train rows. It sees what the autoencoder sees: the
 * transformed row, with what the clip cut off added back (see {@link unclipped}); or, as a rule, raw values.
 */
export interface Baseline {
  /** Stable name, such as `pca`. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /**
   * Scores rows.
   *
   * @param rows   [count, D] transformed rows
   * @param scores [count] where to put the scores, higher is more anomalous
   * @param raw    [count, F] the same rows in raw units
   */
  score(rows: Float32Array, count: number, scores: Float32Array, raw: Float32Array): void;
}

/** Makes a baseline from what was gathered over the train rows. Labels take no part. */
export type FitBaseline = (train: TrainStatistics, seed: number) => Baseline;

/**
 * Adds to transformed rows, in place, what the transform's clip cut off. A simple baseline has no other way to see it,
 * and would otherwise be beaten by the clip alone. An unknown category moves away from every known one.
 *
 * @param rows    [count, D]
 * @param excess  [count, F]
 * @param outputs the feature of each of the D inputs
 */
export function unclipped(
  rows: Float32Array,
  excess: Float32Array,
  count: number,
  outputs: readonly number[],
  features: number,
): void {
  const width = outputs.length;
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < width; j++) {
      const beyond = excess[row * features + outputs[j]!]!;
      if (beyond > 0) rows[row * width + j]! += rows[row * width + j]! < 0 ? -beyond : beyond;
    }
  }
}
