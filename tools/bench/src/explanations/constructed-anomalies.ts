import type { DetectorDocument } from '@edgeguard/contracts';
import type { Detector } from '@edgeguard/detection';
import type { SeededRandom } from '@edgeguard/transform';

/** A normal row in which one feature was changed. */
export interface ConstructedAnomaly {
  /** Index of the changed feature. */
  readonly feature: number;
  readonly from: number;
  readonly to: number;
  /** The changed row, raw values [F]. */
  readonly row: Float32Array;
  readonly score: number;
}

export interface Construction {
  readonly anomalies: readonly ConstructedAnomaly[];
  /** Changes that were tried. */
  readonly tried: number;
  /** Of those, changes that left the score at or below the threshold: nobody would ask why. */
  readonly quiet: number;
}

/** Sizes of a change are drawn between these, evenly in their logarithm, in spreads of the train rows. */
const SMALLEST_CHANGE = 1;
const LARGEST_CHANGE = 100;
/** Changes that are tried for each anomaly wanted. */
const TRIES = 200;
/** Rows that are passed over before the search ends. */
const LARGEST_SEARCH = 1_000_000;

export interface ConstructionOptions {
  /** Anomalies to make. */
  readonly wanted: number;
  /** An anomaly's score is above it. */
  readonly threshold: number;
  /**
   * Share of the threshold above which a row is not taken. At 1 a row that is odd in itself and lies just below the
   * threshold alerts after any change; at 0.5 the change makes at least half of the score.
   */
  readonly mostBefore: number;
}

/**
 * Changes one feature of real normal rows: the row, the feature (of all), the direction and the size are drawn. Only
 * changes that raise an alert count.
 *
 * @param normal raw rows of normal records [count, F], which the detector has not seen before
 */
export function constructAnomalies(
  detector: Detector,
  normal: Float32Array,
  count: number,
  { wanted, threshold, mostBefore }: ConstructionOptions,
  random: SeededRandom,
): Construction {
  const width = detector.featureCount;
  const anomalies: ConstructedAnomaly[] = [];
  const score = new Float32Array(1);
  let passed = 0;
  const counts = { tried: 0, quiet: 0 };
  while (anomalies.length < wanted && counts.tried < TRIES * wanted) {
    const at = random.below(count) * width;
    const row = normal.slice(at, at + width);
    detector.score(row, 1, score);
    if (!(score[0]! <= mostBefore * threshold)) {
      if (++passed > LARGEST_SEARCH) break;
      continue;
    }
    const feature = random.below(width);
    const from = row[feature]!;
    const to = Math.fround(changedValue(detector.document, feature, from, random));
    if (to === from) continue;
    counts.tried++;
    row[feature] = to;
    detector.score(row, 1, score);
    if (score[0]! > threshold) anomalies.push({ feature, from, to, row, score: score[0]! });
    else counts.quiet++;
  }
  return { anomalies, ...counts };
}

/** Another value of a feature that it could have: a flag the other way, another category or an unknown one, a number in its range. */
function changedValue(document: DetectorDocument, index: number, from: number, random: SeededRandom): number {
  const feature = document.schema.features[index]!;
  if (feature.kind === 'flag') return from >= 0.5 ? 0 : 1;
  if (feature.kind === 'category') {
    const codes = (document.vocabularies[feature.name] ?? feature.categories ?? []).length;
    return random.below(codes + 1);
  }
  const { p05, p50, p95, min, max } = document.baselines[index]!;
  const spread = p95 - p05 || max - min || Math.abs(p50) || 1;
  const size = SMALLEST_CHANGE * (LARGEST_CHANGE / SMALLEST_CHANGE) ** random.uniform();
  const direction = random.below(2) === 0 ? 1 : -1;
  const whole = feature.kind === 'count' && Number.isInteger(from) ? Math.round : (value: number): number => value;
  const [low, high] = feature.range ?? [0, feature.kind === 'ratio' ? 1 : null];
  return Math.min(high ?? Infinity, Math.max(low ?? -Infinity, whole(from + direction * size * spread)));
}
