import type { FeatureDefinition } from './feature.ts';
import type { FlowRecord } from '../records/flow-record.ts';

/** A category: codes 1..n in the order of `categories`; 0 would be unknown and does not occur. */
export function category(
  categories: readonly string[],
  feature: Pick<FeatureDefinition, 'name' | 'description' | 'formula' | 'shows'> & {
    value: (record: FlowRecord) => number;
  },
): FeatureDefinition & { categories: readonly string[] } {
  return { ...feature, kind: 'category', unit: '1', range: [1, categories.length], categories };
}
