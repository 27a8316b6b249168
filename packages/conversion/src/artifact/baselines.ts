import type { DetectorDocument, TransformDocument } from '@edgeguard/contracts';
import { inverseConstants } from '@edgeguard/transform';

type Baseline = DetectorDocument['baselines'][number];

/** Significant digits of the values at which the transform cuts off: they are for words. */
const DIGITS = 5;

/** What train rows look like, and from which raw values on the transform cuts off. */
export function baselinesOf(transform: TransformDocument): Baseline[] {
  const { low, high, multiply, add, scale, category } = inverseConstants(transform);
  const raw = (f: number, y: number): number => {
    const value = y * multiply[f]! + add[f]!;
    return Number((scale[f]! > 0 ? Math.expm1(value) * scale[f]! : value).toPrecision(DIGITS));
  };
  return transform.profile.map((profile, f) =>
    category[f] ? profile : { ...profile, cutBelow: raw(f, low[f]!), cutAbove: raw(f, high[f]!) },
  );
}
