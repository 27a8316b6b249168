import type { DetectorDocument } from '@edgeguard/contracts';
import type { ExplainedRow } from './explain-row.ts';
import { formatQuantity } from './format-quantity.ts';
import { possibleValues } from './possible-values.ts';
import { byDrop, type RowScorer, scoreDrops } from './score-drops.ts';

/** A feature that is set to what the model expected of it. */
export interface Change {
  readonly feature: string;
  readonly from: number;
  readonly to: number;
  /** "distinct destination ports in 60 s: 2 instead of 412". */
  readonly text: string;
}

/** A set of features without whose surprise there would have been no alert, with the proof. */
export interface Counterfactual {
  readonly changes: readonly Change[];
  /** Score of the changed row, from the detector itself: at or below the threshold. */
  readonly score: number;
  readonly threshold: number;
}

export interface CounterfactualOptions {
  /** Default: the detector's own. */
  readonly threshold?: number;
  /** Largest number of features to change. Default 20: a flow of an attack differs in most that makes it a flow. */
  readonly maxChanges?: number;
}

/** Features with the largest drops among which every set of up to three is tried. */
const SEARCHED = 8;
/** Features that the greedy search may take. */
const CANDIDATES = 40;

/**
 * The smallest set of features which, set to what the model expects and scored again, silences an alert. Among the eight
 * features whose own change lowers the score most every set of one, two and three is scored, so a set of that size is the smallest one
 * there is of them; of equally small sets the one with the lowest score is given. Larger sets are grown greedily and then
 * thinned until no member can be left out.
 *
 * @param explained a row whose score is above the threshold
 * @returns undefined where no set of at most `maxChanges` features silences the alert
 */
export function findCounterfactual(
  scorer: RowScorer,
  { row, expected, featureErrors, drops }: ExplainedRow,
  options: CounterfactualOptions = {},
): Counterfactual | undefined {
  const threshold = options.threshold ?? scorer.document.threshold.value;
  const maxChanges = options.maxChanges ?? 20;
  const values = possibleValues(scorer.document, row, expected);
  const search = new SubsetSearch(scorer, row, values, threshold);
  const known = drops ?? scoreDrops(scorer, row, expected);
  // A value that is as expected already changes nothing.
  const order = byDrop(known, featureErrors).filter((f) => row[f] !== values[f]);
  const found =
    search.smallest(order.slice(0, SEARCHED), Math.min(3, maxChanges)) ??
    search.grow(order.slice(0, CANDIDATES), maxChanges);
  if (!found) return undefined;
  return {
    changes: found.features.map((f) => describe(scorer.document, f, row[f]!, values[f]!)),
    score: found.score,
    threshold,
  };
}

interface ScoredSet {
  readonly features: readonly number[];
  readonly score: number;
}

class SubsetSearch {
  readonly #scorer: RowScorer;
  readonly #row: Float32Array;
  readonly #expected: Float32Array;
  readonly #threshold: number;

  constructor(scorer: RowScorer, row: Float32Array, expected: Float32Array, threshold: number) {
    this.#scorer = scorer;
    this.#row = row;
    this.#expected = expected;
    this.#threshold = threshold;
  }

  /** The silencing set with the fewest members, of all with at most `largest`. */
  smallest(features: readonly number[], largest: number): ScoredSet | undefined {
    for (let size = 1; size <= largest; size++) {
      const best = this.#best([...combinations(features, size)]);
      if (best && best.score <= this.#threshold) return best;
    }
    return undefined;
  }

  /** Adds the feature that lowers the score the most until there is silence, then drops those that are not needed. */
  grow(features: readonly number[], largest: number): ScoredSet | undefined {
    let current: ScoredSet = { features: [], score: Number.POSITIVE_INFINITY };
    while (!(current.score <= this.#threshold)) {
      const rest = features.filter((f) => !current.features.includes(f));
      const next = this.#best(rest.map((f) => [...current.features, f]));
      if (!next || next.features.length > largest) return undefined;
      current = next;
    }
    for (;;) {
      const thinner = this.#best(current.features.map((f) => current.features.filter((other) => other !== f)));
      if (!thinner || thinner.features.length === 0 || !(thinner.score <= this.#threshold)) return current;
      current = thinner;
    }
  }

  /** The set with the lowest score; the first of equals. */
  #best(sets: readonly (readonly number[])[]): ScoredSet | undefined {
    const width = this.#row.length;
    const rows = new Float32Array(sets.length * width);
    for (const [index, features] of sets.entries()) {
      rows.set(this.#row, index * width);
      for (const f of features) rows[index * width + f] = this.#expected[f]!;
    }
    const scores = new Float32Array(sets.length);
    this.#scorer.score(rows, sets.length, scores);
    let best: ScoredSet | undefined;
    for (const [index, features] of sets.entries()) {
      const score = scores[index]!;
      if (best === undefined || score < best.score) best = { features, score };
    }
    return best;
  }
}

/** Every way to take `size` of some items, in their order. */
function* combinations(items: readonly number[], size: number): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = 0; first + size <= items.length; first++) {
    for (const rest of combinations(items.slice(first + 1), size - 1)) yield [items[first]!, ...rest];
  }
}

function describe({ schema, vocabularies }: DetectorDocument, index: number, from: number, to: number): Change {
  const feature = schema.features[index]!;
  const vocabulary = vocabularies[feature.name] ?? feature.categories ?? [];
  const format = (value: number): string => formatQuantity(value, feature, vocabulary);
  const text = `${feature.description ?? feature.name}: ${format(to)} instead of ${format(from)}`;
  return { feature: feature.name, from, to, text };
}
