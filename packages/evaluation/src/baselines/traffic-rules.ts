import type { FeatureSchemaDocument } from '@edgeguard/contracts';
import type { Baseline } from './baseline.ts';

/**
 * The rules that operators have without any model, for datasets whose schema has what they read. They are found by the
 * family and unit of features, and read raw values. Nothing is fitted.
 */
export function trafficRules(features: FeatureSchemaDocument['features']): Baseline[] {
  const find = (family: string, units: readonly string[]): number[] =>
    features.flatMap((feature, f) =>
      feature.family === family && feature.kind === 'count' && units.includes(feature.unit) ? [f] : [],
    );
  const contacts = find('source-window', ['{host}', '{port}']);
  const meetings = find('pair-window', ['{flow}']);
  const namesOf = (read: readonly number[]): string => read.map((f) => features[f]!.name).join(', ');
  const rule = (
    name: string,
    description: string,
    read: readonly number[],
    scoreOf: (largest: number) => number,
  ): Baseline[] =>
    read.length === 0
      ? []
      : [
          {
            name,
            description: `${description}; reads ${namesOf(read)}`,
            score: (_rows, count, scores, raw) => {
              for (let row = 0, at = 0; row < count; row++, at += features.length) {
                let largest = 0;
                for (const f of read) if (raw[at + f]! > largest) largest = raw[at + f]!;
                scores[row] = scoreOf(largest);
              }
            },
          },
        ];
  return [
    ...rule(
      'scan-counter',
      'distinct hosts or ports that the source has contacted, the most of any window',
      contacts,
      (n) => n,
    ),
    // The first flow of two hosts is their newest, and so is any that has been forgotten since.
    ...rule(
      'new-destination',
      'one over the flows of source and destination in the longest window',
      meetings,
      (n) => 1 / Math.max(1, n),
    ),
  ];
}
