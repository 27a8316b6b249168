import type { FeatureSchemaDocument } from '@edgeguard/contracts';
import type { Baseline, FitBaseline } from './baseline.ts';
import { fitGaussianMixture } from './gaussian-mixture.ts';
import { fitIsolationForest } from './isolation-forest.ts';
import { fitNearestNeighbours } from './nearest-neighbours.ts';
import { fitPca } from './pca.ts';
import type { TrainStatistics } from './train-statistics.ts';
import { trafficRules } from './traffic-rules.ts';
import { fitZScore } from './z-score.ts';

const BASELINES: readonly FitBaseline[] = [
  fitZScore,
  fitPca,
  fitIsolationForest,
  fitNearestNeighbours,
  fitGaussianMixture,
];

/** All baselines, fitted on the same train rows, and the rules for traffic that the schema has the features for. */
export function fitBaselines(
  train: TrainStatistics,
  features: FeatureSchemaDocument['features'],
  seed: number,
): Baseline[] {
  return [...BASELINES.map((fit) => fit(train, seed)), ...trafficRules(features)];
}
