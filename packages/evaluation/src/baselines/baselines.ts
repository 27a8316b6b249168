import type { Baseline, FitBaseline } from './baseline.ts';
import { fitGaussianMixture } from './gaussian-mixture.ts';
import { fitIsolationForest } from './isolation-forest.ts';
import { fitNearestNeighbours } from './nearest-neighbours.ts';
import { fitPca } from './pca.ts';
import type { TrainStatistics } from './train-statistics.ts';
import { fitZScore } from './z-score.ts';

const BASELINES: readonly FitBaseline[] = [
  fitZScore,
  fitPca,
  fitIsolationForest,
  fitNearestNeighbours,
  fitGaussianMixture,
];

/** All baselines, fitted on the same train rows. */
export function fitBaselines(train: TrainStatistics, seed: number): Baseline[] {
  return BASELINES.map((fit) => fit(train, seed));
}
