import type { DetectorDocument, FeatureSchemaDocument } from '@edgeguard/contracts';
import { categoryName, formatQuantity } from './format-quantity.ts';

/** What one feature added to a score. */
export interface Contribution {
  readonly feature: string;
  /** What the feature is, in words. */
  readonly description: string;
  /** Group of features that it belongs to, such as `timing`. */
  readonly family: string;
  /** UCUM unit of `observed`, `expected` and `usual`. */
  readonly unit: string;
  /** Share of the score, 0..1. */
  readonly share: number;
  /** The value seen; the name of a category, or `unknown`. */
  readonly observed: number | string;
  /** What the model expects beside the other values of the row. */
  readonly expected: number | string;
  /** 5th and 95th percentile of train rows; absent for categories. */
  readonly usual?: readonly [number, number];
  /** All that in words: "distinct destination ports in 60 s: 412, usually 1 to 6". */
  readonly text: string;
}

export interface ExplainOptions {
  /** How many features to name at most. */
  readonly top?: number;
  /** Features below this share of the score are left out, except the first. */
  readonly smallestShare?: number;
}

/**
 * The features that made a row anomalous, largest share first. The shares of all features add up to 1.
 *
 * @param document      the detector's `detector.json`
 * @param row           raw values [F]
 * @param expected      the reconstruction in raw units [F], the detector's output `expected`
 * @param featureErrors shares of the score [F], the detector's output `feature_error`
 */
export function explainRow(
  document: DetectorDocument,
  row: ArrayLike<number>,
  expected: ArrayLike<number>,
  featureErrors: ArrayLike<number>,
  { top = 5, smallestShare = 0.01 }: ExplainOptions = {},
): Contribution[] {
  const { features } = document.schema;
  let total = 0;
  for (let f = 0; f < features.length; f++) total += featureErrors[f]!;
  const shareOf = (f: number): number => (total > 0 ? Math.max(0, featureErrors[f]!) / total : 0);
  return features
    .map((_, f) => f)
    .sort((a, b) => shareOf(b) - shareOf(a) || a - b)
    .slice(0, top)
    .filter((f, place) => place === 0 || shareOf(f) >= smallestShare)
    .map((f) => contribution(document, f, row[f]!, expected[f]!, shareOf(f)));
}

type Feature = FeatureSchemaDocument['features'][number];

function contribution(
  document: DetectorDocument,
  index: number,
  observed: number,
  expected: number,
  share: number,
): Contribution {
  const feature = document.schema.features[index]!;
  const vocabulary = document.vocabularies[feature.name] ?? feature.categories ?? [];
  const baseline = document.baselines[index];
  const category = feature.kind === 'category';
  const usual = category || !baseline ? undefined : ([baseline.p05, baseline.p95] as const);
  return {
    feature: feature.name,
    description: feature.description ?? feature.name,
    family: feature.family ?? 'other',
    unit: feature.unit,
    share,
    observed: category ? (categoryName(observed, vocabulary) ?? 'unknown') : observed,
    expected: category ? (categoryName(expected, vocabulary) ?? 'unknown') : expected,
    ...(usual ? { usual } : {}),
    text: sentence(feature, vocabulary, observed, expected, usual),
  };
}

function sentence(
  feature: Feature,
  vocabulary: readonly string[],
  observed: number,
  expected: number,
  usual: readonly [number, number] | undefined,
): string {
  const format = (value: number): string => formatQuantity(value, feature, vocabulary);
  const seen = format(observed);
  const head = `${withoutStop(feature.description ?? feature.name)}: ${seen}`;
  const reconstruction = format(expected);
  if (!usual) {
    const known = feature.kind !== 'category' || categoryName(expected, vocabulary) !== undefined;
    return known && reconstruction !== seen ? `${head}, expected ${reconstruction}` : head;
  }
  const [low, high] = [format(usual[0]), format(usual[1])];
  // A flag that is sometimes set and sometimes not has no usual value.
  const range = low === high ? `usually ${low}` : feature.kind === 'flag' ? '' : `usually ${low} to ${high}`;
  const inside = observed >= usual[0] && observed <= usual[1];
  if (!inside && range !== '' && seen !== low && seen !== high) return `${head}, ${range}`;
  // Each value by itself is ordinary; it is the company of the others that makes it odd.
  if (reconstruction === seen) return range === '' || range === `usually ${seen}` ? head : `${head}, ${range}`;
  return range === '' || range === `usually ${reconstruction}`
    ? `${head}, expected ${reconstruction}`
    : `${head}, expected ${reconstruction} here (${range})`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
