import { symmetricEigen } from '@edgeguard/transform';
import type { Baseline } from './baseline.ts';
import type { TrainStatistics } from './train-statistics.ts';

/** Share of the train variance that the kept components explain. */
const EXPLAINED = 0.95;

/**
 * What is left of a row after projection on the principal components of train: the linear counterpart of an
 * autoencoder (Shyu et al. 2003; Lakhina et al. 2004 for traffic).
 */
export function fitPca(train: TrainStatistics): Baseline {
  const { width, mean, covariance } = train;
  const { values: variances, vectors: columns } = symmetricEigen(covariance, width);
  const order = Array.from(variances, (_, i) => i).sort((i, j) => variances[j]! - variances[i]!);
  const values = order.map((k) => variances[k]!);
  // One component after the other, so that a row's projection reads memory in order.
  const vectors = Float64Array.from({ length: width * width }, (_, at) => {
    return columns[(at % width) * width + order[Math.floor(at / width)]!]!;
  });
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let kept = 0;
  for (let explained = 0; kept < width - 1 && explained < EXPLAINED * total; kept++) explained += values[kept]!;
  const centred = new Float64Array(width);
  return {
    name: 'pca',
    description: `squared distance from the ${kept} principal components that explain ${EXPLAINED * 100} % of the train variance`,
    score: (rows, count, scores) => {
      for (let row = 0; row < count; row++) {
        let rest = 0;
        for (let j = 0; j < width; j++) {
          centred[j] = rows[row * width + j]! - mean[j]!;
          rest += centred[j]! * centred[j]!;
        }
        for (let component = 0; component < kept; component++) {
          let along = 0;
          const at = component * width;
          for (let j = 0; j < width; j++) along += centred[j]! * vectors[at + j]!;
          rest -= along * along;
        }
        scores[row] = Math.max(0, rest);
      }
    },
  };
}
