import type { DetectorDocument } from '@edgeguard/contracts';
import { categoryName } from './format-quantity.ts';

/**
 * What the model expects, as values that the features can have instead: numbers in their range, and whole where they count
 * something; of a flag the other value, since an expectation of 0.4 is none (whether that lowers the score decides); and no
 * category that is none: where the model expects a category that training has not seen, the observed one stays.
 *
 * @param row      raw values [F]
 * @param expected the detector's output `expected` for it [F]
 */
export function possibleValues(
  { schema, vocabularies }: DetectorDocument,
  row: Float32Array,
  expected: Float32Array,
): Float32Array {
  return expected.map((value, f) => {
    const feature = schema.features[f]!;
    const { kind, range } = feature;
    if (kind === 'flag') return row[f]! >= 0.5 ? 0 : 1;
    if (kind === 'category') {
      const vocabulary = vocabularies[feature.name] ?? feature.categories ?? [];
      return categoryName(value, vocabulary) === undefined ? row[f]! : Math.round(value);
    }
    const isAmount = kind === 'count' || kind === 'bytes' || kind === 'seconds';
    const low = range?.[0] ?? (isAmount ? 0 : Number.NEGATIVE_INFINITY);
    const high = range?.[1] ?? Number.POSITIVE_INFINITY;
    return Math.min(high, Math.max(low, isCounted(feature) ? Math.round(value) : value));
  });
}

/** By its unit, such as `{flow}`: a rate, or the mean of a count, need not be whole. */
function isCounted({ kind, unit }: DetectorDocument['schema']['features'][number]): boolean {
  return kind === 'count' && /^\{\w+\}$/.test(unit);
}
