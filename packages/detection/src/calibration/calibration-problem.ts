import type { CalibrationDocument } from '@edgeguard/contracts';

/**
 * What does not fit together in a calibration, beyond what its schema says; undefined where all does.
 *
 * @param features of the detector's schema
 */
export function calibrationProblem(
  { blocks, episodes, drift }: CalibrationDocument,
  features: number,
): string | undefined {
  if (blocks && (blocks.maxima.length > blocks.count || !descends(blocks.maxima))) {
    return 'the largest scores of its blocks are out of order';
  }
  if (episodes) {
    const { thresholds, episodes: counts } = episodes;
    const grows = counts.every((count, i) => i === 0 || count >= counts[i - 1]!);
    if (thresholds.length !== counts.length || !descends(thresholds) || counts[0] !== 0 || !grows) {
      return 'the curve of episodes per day is out of order';
    }
  }
  if (!drift) return undefined;
  if (drift.features.length !== features) return `it has bins for ${drift.features.length} of ${features} features`;
  const whole = drift.features.every(({ edges, rows }) => rows.length === edges.length + 1);
  return whole ? undefined : 'a feature has edges and counts of different length';
}

function descends(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value <= values[i - 1]!);
}
