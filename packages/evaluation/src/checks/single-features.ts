import { rocAuc } from '../metrics/ranking.ts';
import type { RowSample } from './row-sample.ts';

/** How well one feature by itself tells attacks from normal rows. */
export interface FeatureSeparation {
  readonly feature: string;
  /** ROC-AUC of the raw value, or of its negative where that is larger: 0.5 is no information. */
  readonly rocAuc: number;
}

/**
 * Ranks features by how well each alone separates attack from normal rows. One near 1 is a warning about the data, not a
 * merit: it may give the label away, as a leftover of how the attacks were recorded.
 */
export function separateAlone(features: readonly string[], normal: RowSample, attack: RowSample): FeatureSeparation[] {
  if (normal.count === 0 || attack.count === 0) return [];
  return features
    .map((feature, column) => {
      const area = rocAuc(normal.sortedColumn(column), attack.sortedColumn(column))!;
      return { feature, rocAuc: Math.max(area, 1 - area) };
    })
    .sort((a, b) => b.rocAuc - a.rocAuc || (a.feature < b.feature ? -1 : 1));
}
