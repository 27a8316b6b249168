import type { ColumnKind, FeatureColumn } from '@edgeguard/contracts';

/**
 * The s of log1p(x / s) where the schema names none, in the feature's unit. Durations count from a millisecond:
 * log1p of plain seconds would flatten everything below a second.
 */
const DEFAULT_LOG_SCALE: Readonly<Partial<Record<ColumnKind, number>>> = { count: 1, bytes: 1, seconds: 0.001 };

/** The rate 1/s of log1p(x * rate), or 0 for a feature that stays linear. Float32-representable. */
export function logRateOf(feature: FeatureColumn): number {
  if (feature.kind === 'category' || feature.kind === 'flag') return 0;
  const scale = feature.logScale ?? DEFAULT_LOG_SCALE[feature.kind];
  return scale === undefined ? 0 : Math.fround(1 / scale);
}
