import type { Baseline } from './baseline.ts';
import type { TrainStatistics } from './train-statistics.ts';

/** Smallest standard deviation that an input is divided by: a category seen once would otherwise drown all else. */
const DEVIATION_FLOOR = 0.05;

/** The largest |z| over all inputs: one threshold per feature, as a rule in a monitoring system would have. */
export function fitZScore(train: TrainStatistics): Baseline {
  const { width, mean, covariance } = train;
  const inverse = Float64Array.from(
    mean,
    (_, j) => 1 / Math.max(DEVIATION_FLOOR, Math.sqrt(Math.max(0, covariance[j * width + j]!))),
  );
  return {
    name: 'z-score',
    description: 'largest deviation of a single feature from its train mean, in standard deviations',
    score: (rows, count, scores) => {
      for (let row = 0; row < count; row++) {
        let largest = 0;
        for (let j = 0; j < width; j++) {
          const z = Math.abs(rows[row * width + j]! - mean[j]!) * inverse[j]!;
          if (z > largest) largest = z;
        }
        scores[row] = largest;
      }
    },
  };
}
