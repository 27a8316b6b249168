import type { DetectorDocument, DriftBaselineDocument } from '@edgeguard/contracts';
import type { BlockCounts } from './drift-baseline.ts';
import type { FeatureBins } from './feature-bins.ts';
import { directionFeatures } from './one-way.ts';

/**
 * What a block shows that traffic hardly does and a changed sensor does: a feature that varied in every calibration block
 * is constant, a frequent category is gone, traffic is seen in one direction only.
 */
export function sensorSigns(
  { schema, vocabularies }: DetectorDocument,
  { features }: DriftBaselineDocument,
  bins: FeatureBins,
  block: BlockCounts,
): string[] {
  const signs: string[] = [];
  const directions = directionFeatures(schema.features).filter((f) => features[f]!.varies);
  if (directions.length > 0 && directions.every((f) => block.isConstant(f)))
    signs.push('traffic in one direction only');
  for (const [f, { varies, always }] of features.entries()) {
    const { name, kind, categories } = schema.features[f]!;
    if (varies && block.isConstant(f)) signs.push(`${name} is constant`);
    if (kind !== 'category') continue;
    const counts = bins.of(f, block.counts);
    const names = vocabularies[name] ?? categories ?? [];
    for (const bin of always) if (counts[bin] === 0) signs.push(`no ${name} ${names[bin - 1] ?? 'unknown'}`);
  }
  return signs;
}
