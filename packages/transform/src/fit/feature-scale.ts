import type { FeatureColumn } from '@edgeguard/contracts';

/** One millisecond in the units that durations come in (UCUM). */
const MILLISECOND: Readonly<Record<string, number>> = {
  ns: 1e6,
  us: 1e3,
  ms: 1,
  s: 1e-3,
  min: 1e-3 / 60,
  h: 1e-3 / 3600,
  d: 1e-3 / 86_400,
};

/**
 * The s of log1p(x / s) of a feature, in its unit, or undefined for one that stays linear. Where the schema names none,
 * counts and bytes count from 1 and durations from a millisecond: log1p of plain seconds would flatten everything below
 * a second.
 */
function logScaleOf(feature: FeatureColumn): number | undefined {
  switch (feature.kind) {
    case 'category':
    case 'flag':
      return undefined;
    case 'ratio':
      return feature.logScale;
    case 'count':
    case 'bytes':
      return feature.logScale ?? 1;
    case 'seconds':
      return feature.logScale ?? MILLISECOND[feature.unit] ?? MILLISECOND['s']!;
  }
}

/** The rate 1/s of log1p(x * rate), or 0 for a feature that stays linear. Float32-representable. */
export function logRateOf(feature: FeatureColumn): number {
  const scale = logScaleOf(feature);
  return scale === undefined ? 0 : Math.fround(1 / scale);
}
