import type { DetectorDocument, FeatureSchemaDocument, NormalGroup } from '@edgeguard/contracts';
import { categoryName, formatQuantity } from './format-quantity.ts';
import { NormalRanges } from './normal-ranges.ts';
import { possibleValues } from './possible-values.ts';
import { byDrop, type RowScorer, scoreDrops } from './score-drops.ts';

/** A value that the transform cuts off, or a category that training has not seen. */
export type Evidence = 'beyond-clip' | 'unknown-category';

/** What one feature has to do with a score. */
export interface Contribution {
  readonly feature: string;
  /** What the feature is, in words. */
  readonly description: string;
  /** Group of features that it belongs to, such as `timing`. */
  readonly family: string;
  /** UCUM unit of `observed`, `expected` and `usual`. */
  readonly unit: string;
  /** Share of the score, 0..1: how much of the residual lies in this feature. */
  readonly share: number;
  /** What the score falls by when this feature alone is as expected, see {@link scoreDrops}. */
  readonly drop: number;
  /** The value seen; the name of a category, or `unknown`. */
  readonly observed: number | string;
  /** What the model expects beside the other values of the row. */
  readonly expected: number | string;
  /** 5th and 95th percentile of train rows; absent for categories. */
  readonly usual?: readonly [number, number];
  /**
   * 5th and 95th percentile of the train rows that are most like this one in all but the features that stand out; absent
   * for categories, and where a detector carries no such rows.
   */
  readonly nearest?: readonly [number, number];
  /** Where the value lies beyond all that the transform lets through: what is cut off is counted as evidence. */
  readonly evidence?: Evidence;
  /** All that in words: "distinct destination ports in 60 s: 412, expected 1 to 6". */
  readonly text: string;
}

/** What the features of one family added together. */
export interface FamilyShare {
  readonly family: string;
  /** Share of the score, 0..1. */
  readonly share: number;
}

export interface ExplainOptions {
  /** How many features to name at most. */
  readonly top?: number;
  /** Features whose drop and share are both below this share of the score are left out, except the first. */
  readonly smallestShare?: number;
}

/** For features whose schema names no family. */
const NO_FAMILY = 'other';
/** The features that explain the most, which take no part in the search for normal rows that are alike. */
const IN_QUESTION = 5;

type Feature = FeatureSchemaDocument['features'][number];

/** A row with what a detector says of it. */
export interface ExplainedRow {
  /** Raw values [F]. */
  readonly row: Float32Array;
  /** The reconstruction in raw units [F], the detector's output `expected`. */
  readonly expected: Float32Array;
  /** Shares of the score [F], the detector's output `feature_error`. */
  readonly featureErrors: Float32Array;
  /** {@link scoreDrops} of the row, where they are known already. */
  readonly drops?: Float32Array;
}

/** Explains rows of one detector: what the score's own decomposition says, in words and units of the features. */
export class Explainer {
  readonly #scorer: RowScorer;
  readonly #document: DetectorDocument;
  readonly #ranges: NormalRanges;

  constructor(scorer: RowScorer) {
    this.#scorer = scorer;
    this.#document = scorer.document;
    this.#ranges = new NormalRanges(scorer.document);
  }

  /**
   * Names of the `limit` features with the largest shares, the largest first; of equals the first in the schema. Costs no
   * scoring: what episodes and suppressions go by.
   */
  causes(featureErrors: ArrayLike<number>, limit: number): string[] {
    return largestShares(this.#document, featureErrors, limit);
  }

  /**
   * The features that made a row anomalous, by what the score falls by without their surprise. The shares of all features
   * add up to 1.
   */
  explain({ row, expected, featureErrors, drops }: ExplainedRow, options: ExplainOptions = {}): Contribution[] {
    const { top = 5, smallestShare = 0.01 } = options;
    const total = sumOf(featureErrors);
    const known = drops ?? scoreDrops(this.#scorer, row, expected);
    const shareOf = (f: number): number => (total > 0 ? Math.max(0, featureErrors[f]!) / total : 0);
    const values = possibleValues(this.#document, row, expected);
    const ranked = byDrop(known, featureErrors);
    const { features } = this.#document.schema;
    // The other value of a flag is expected only where the score falls with it.
    const instead = (f: number): number =>
      features[f]!.kind === 'flag' && !(known[f]! > 0) ? expected[f]! : values[f]!;
    // A difference that people cannot see explains nothing to them.
    const isVisible = (f: number): boolean => this.#inWords(f, row[f]!) !== this.#inWords(f, instead(f));
    const order = [...ranked.filter(isVisible), ...ranked.filter((f) => !isVisible(f))];
    const shown = order
      .slice(0, top)
      .filter((f, place) => place === 0 || Math.max(shareOf(f), known[f]! / total) >= smallestShare);
    const group = this.#ranges.nearest(row, order.slice(0, IN_QUESTION));
    return shown.map((f) => {
      const expectation = features[f]!.kind === 'category' ? expected[f]! : instead(f);
      const weight = { share: shareOf(f), drop: known[f]!, group };
      return contribution(this.#document, f, row[f]!, expectation, weight);
    });
  }

  #inWords(f: number, value: number): string {
    const { schema, vocabularies } = this.#document;
    const feature = schema.features[f]!;
    return formatQuantity(value, feature, vocabularies[feature.name] ?? feature.categories ?? []);
  }

  /** The families by what their features added, largest first; those that added nothing are left out. */
  families(featureErrors: ArrayLike<number>): FamilyShare[] {
    const total = sumOf(featureErrors);
    const shares = new Map<string, number>();
    for (const [f, { family = NO_FAMILY }] of this.#document.schema.features.entries()) {
      const share = total > 0 ? Math.max(0, featureErrors[f]!) / total : 0;
      if (share > 0) shares.set(family, (shares.get(family) ?? 0) + share);
    }
    return [...shares].map(([family, share]) => ({ family, share })).sort((a, b) => b.share - a.share);
  }
}

/** {@link Explainer.explain} for few rows. */
export function explainRow(scorer: RowScorer, explained: ExplainedRow, options?: ExplainOptions): Contribution[] {
  return new Explainer(scorer).explain(explained, options);
}

/** Names of the `limit` features with the largest shares of a score, the largest first; of equals the first in the schema. */
export function largestShares(document: DetectorDocument, featureErrors: ArrayLike<number>, limit: number): string[] {
  return largest(featureErrors, limit).map((f) => document.schema.features[f]!.name);
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** Indices of the largest values, the largest first; of equals the first. */
function largest(values: ArrayLike<number>, limit: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (places.length === limit && !(values[i]! > values[places.at(-1)!]!)) continue;
    let at = places.length;
    while (at > 0 && values[i]! > values[places[at - 1]!]!) at--;
    places.splice(at, 0, i);
    if (places.length > limit) places.pop();
  }
  return places;
}

interface Weight {
  readonly share: number;
  readonly drop: number;
  /** The normal rows that are most like this one. */
  readonly group: NormalGroup | undefined;
}

function contribution(
  document: DetectorDocument,
  index: number,
  observed: number,
  expected: number,
  { share, drop, group }: Weight,
): Contribution {
  const feature = document.schema.features[index]!;
  const vocabulary = document.vocabularies[feature.name] ?? feature.categories ?? [];
  const baseline = document.baselines[index];
  const category = feature.kind === 'category';
  const usual = category || !baseline ? undefined : ([baseline.p05, baseline.p95] as const);
  const nearest = category || !group ? undefined : ([group.low[index]!, group.high[index]!] as const);
  const evidence = category
    ? categoryName(observed, vocabulary) === undefined
      ? 'unknown-category'
      : undefined
    : isCut(observed, baseline)
      ? 'beyond-clip'
      : undefined;
  return {
    feature: feature.name,
    description: feature.description ?? feature.name,
    family: feature.family ?? NO_FAMILY,
    unit: feature.unit,
    share,
    drop,
    observed: category ? (categoryName(observed, vocabulary) ?? 'unknown') : observed,
    expected: category ? (categoryName(expected, vocabulary) ?? 'unknown') : expected,
    ...(usual ? { usual } : {}),
    ...(nearest ? { nearest } : {}),
    ...(evidence ? { evidence } : {}),
    text: sentence(feature, vocabulary, observed, expected, {
      word: nearest ? 'expected' : 'usually',
      range: nearest ?? usual,
      unseen: category ? '' : unseen(observed, baseline, feature.kind),
    }),
  };
}

function isCut(value: number, baseline: DetectorDocument['baselines'][number] | undefined): boolean {
  const { cutBelow = Number.NEGATIVE_INFINITY, cutAbove = Number.POSITIVE_INFINITY } = baseline ?? {};
  return value < cutBelow || value > cutAbove;
}

function unseen(value: number, baseline: DetectorDocument['baselines'][number] | undefined, kind: string): string {
  if (baseline === undefined || (value >= baseline.min && value <= baseline.max)) return '';
  if (kind === 'flag') return ', never in training';
  return value > baseline.max ? ', more than ever in training' : ', less than ever in training';
}

interface Expectation {
  /** What the range is called. */
  readonly word: 'expected' | 'usually';
  readonly range: readonly [number, number] | undefined;
  /** Where the value lies beyond those of all train rows, in words. */
  readonly unseen: string;
}

function sentence(
  feature: Feature,
  vocabulary: readonly string[],
  observed: number,
  expected: number,
  { word, range: known, unseen }: Expectation,
): string {
  const format = (value: number): string => formatQuantity(value, feature, vocabulary);
  const seen = format(observed);
  const head = `${withoutStop(feature.description ?? feature.name)}: ${seen}${unseen}`;
  const reconstruction = format(expected);
  if (!known) {
    const isKnown = feature.kind !== 'category' || categoryName(expected, vocabulary) !== undefined;
    return isKnown && reconstruction !== seen ? `${head}, expected ${reconstruction}` : head;
  }
  const [low, high] = [format(known[0]), format(known[1])];
  // A flag that is sometimes set and sometimes not has no usual value.
  const range = low === high ? `${word} ${low}` : feature.kind === 'flag' ? '' : `${word} ${low} to ${high}`;
  const inside = observed >= known[0] && observed <= known[1];
  if (!inside && range !== '' && seen !== low && seen !== high) return `${head}, ${range}`;
  // Each value by itself is ordinary; it is the company of the others that makes it odd.
  if (reconstruction === seen) return range === '' || range === `${word} ${seen}` ? head : `${head}, ${range}`;
  if (range === '' || range === `${word} ${reconstruction}`) return `${head}, expected ${reconstruction}`;
  // Ordinary beside records that are alike, yet not what the model makes of this one.
  const alike = word === 'usually' ? range : range.replace('expected', 'alike records');
  return `${head}, expected ${reconstruction} here (${alike})`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
