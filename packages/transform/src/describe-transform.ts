import type { TransformDocument } from '@edgeguard/contracts';

/** Names of features that had one value only in train rows; any other value in them is evidence. */
export function constantFeatures(document: TransformDocument): string[] {
  return document.schema.features
    .filter((feature, index) => feature.kind !== 'category' && isConstant(document.profile[index]!))
    .map((feature) => feature.name);
}

/** One line per feature for people: what it is, its range on train rows, and how it reaches the model. */
export function describeTransform(document: TransformDocument): string[] {
  const operation = <K extends string>(kind: K) =>
    document.operations.find((o): o is Extract<typeof o, { kind: K }> => o.kind === kind);
  const log = operation('log1p');
  const saturate = operation('saturate');
  const affine = operation('affine');
  return document.schema.features.map((feature, index) => {
    const profile = document.profile[index]!;
    const unit = feature.unit === '1' ? '' : ` ${feature.unit}`;
    if (feature.kind === 'category') {
      const vocabulary = document.vocabularies[feature.name] ?? [];
      return `${feature.name}: category, one-hot of ${vocabulary.length}: ${shorten(vocabulary)}`;
    }
    const range = isConstant(profile)
      ? `always ${figure(profile.min)}${unit}`
      : `${figure(profile.p05)} to ${figure(profile.p95)}${unit} (median ${figure(profile.p50)})`;
    const rate = log?.rate[index] ?? 0;
    const scale = rate > 0 ? `log(1 + x / ${figure(1 / rate)}${unit})` : 'x';
    const deviation = figure(1 / (affine?.multiply[index] ?? 1));
    const clip = saturate ? `, cut at ${figure(saturate.high[index]!)} deviations` : '';
    return `${feature.name}: ${feature.kind}, ${range}; ${scale}, deviation ${deviation}${clip}`;
  });
}

function isConstant(profile: TransformDocument['profile'][number]): boolean {
  return profile.min === profile.max;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function shorten(values: readonly string[]): string {
  return values.length <= 8 ? values.join(', ') : `${values.slice(0, 8).join(', ')}, …`;
}
