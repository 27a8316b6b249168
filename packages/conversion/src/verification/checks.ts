import type { Precision } from '@edgeguard/contracts';
import { rankCorrelation } from '@edgeguard/detection';
import { inverseConstants } from '@edgeguard/transform';
import type { ComparedRows } from './compared-rows.ts';
import type { ArtifactResult } from './engines.ts';
import { CATEGORY_TIE, LIMITS, ROUNDING_BAND, SAME_SCORE } from './limits.ts';
import { reconstructionError } from './reconstruction.ts';
import { scoreScale, type WorstDifference, worstDifference } from './score-difference.ts';
import type { LayerDifference, VerificationCheck } from './verification-document.ts';

type Limit = Pick<VerificationCheck, 'limit' | 'must'>;

/** A check with its verdict. What is not a number has failed. */
function check(
  name: string,
  engine: string,
  measured: number,
  { limit, must }: Limit,
  where?: string,
): VerificationCheck {
  const passed = must === 'be at most' ? measured <= limit : measured >= limit;
  // JSON has no infinity.
  const shown = Number.isFinite(measured) ? measured : Number.MAX_VALUE;
  return { name, engine, measured: shown, limit, must, passed, ...(where === undefined ? {} : { where }) };
}

const atMost = (limit: number): Limit => ({ limit, must: 'be at most' });
const atLeast = (limit: number): Limit => ({ limit, must: 'be at least' });

/**
 * What float32 arithmetic must keep against the plain arithmetic of `rows.source`, on normal and adversarial rows.
 *
 * @param against names that arithmetic
 */
export function floatChecks(
  engine: string,
  rows: ComparedRows,
  found: ArtifactResult,
  against = 'the source',
): VerificationCheck[] {
  const { source, count, medianScore, leverage, centreGaps, nameOf } = rows;
  const features = rows.transform.schema.features.length;
  const scale = (row: number): number =>
    Math.max(scoreScale(source.score[row]!, medianScore), LIMITS.roundingShare * leverage[row]!);
  const score = worstDifference(found.score, source.score, count, 1, scale);
  // Of two centres that are equally near but for rounding either may be taken: then shares need but add up, checked below.
  const isTie = (row: number): boolean => centreGaps[row]! <= 2 * LIMITS.scoreError * scale(row);
  const shareScale = (row: number): number => (isTie(row) ? Number.POSITIVE_INFINITY : scale(row));
  const shares = worstDifference(found.featureErrors, source.featureErrors, count, features, shareScale);
  const sums = worstDifference(sumsOfShares(found.featureErrors, count, features), source.score, count, 1, scale);
  const expected = worstDifference(found.expected, source.expected, count, features, expectedScale(rows));
  const where = ({ value, row }: WorstDifference): string | undefined => (value > 0 ? nameOf(row) : undefined);
  const whereOfFeature = (worst: WorstDifference): string | undefined =>
    worst.value > 0 ? `${nameOf(worst.row)}, ${rows.transform.schema.features[worst.column]!.name}` : undefined;
  return [
    check(`score against ${against}, relative`, engine, score.value, atMost(LIMITS.scoreError), where(score)),
    check(
      `feature errors against ${against}, share of the score`,
      engine,
      shares.value,
      atMost(LIMITS.shareError),
      whereOfFeature(shares),
    ),
    check(
      `sum of feature errors against ${against}, relative`,
      engine,
      sums.value,
      atMost(LIMITS.shareError),
      where(sums),
    ),
    check(
      `expected values against ${against}, relative`,
      engine,
      expected.value,
      atMost(LIMITS.expectedError),
      whereOfFeature(expected),
    ),
  ];
}

function sumsOfShares(featureErrors: Float32Array, count: number, features: number): Float32Array {
  return Float32Array.from({ length: count }, (_, row) =>
    featureErrors.subarray(row * features, (row + 1) * features).reduce((sum, share) => sum + share, 0),
  );
}

/** Every float32 layer gives what the source's does; the first that does not is where a difference comes from. */
export function layerChecks(layers: readonly LayerDifference[]): VerificationCheck[] {
  return layers.map(({ layer, largest }) =>
    check(
      `layer ${layer} against the source, share of its largest value`,
      'reference',
      largest,
      atMost(LIMITS.layerError),
    ),
  );
}

/**
 * A difference of expected values is measured against the value, or the feature's scale where that is larger. A category
 * whose two likeliest values (or whose likeliest and one half) are equal but for rounding is left out.
 */
function expectedScale({ transform, source }: ComparedRows): (row: number, column: number) => number {
  const { scale, multiply, category, first, size } = inverseConstants(transform);
  const features = transform.schema.features.length;
  const width = transform.outputs.length;
  // A feature that was constant in train rows has no range, and its reconstruction is what large terms leave when they
  // cancel: its scale is that of its logarithm, or the deviation that it is divided by.
  const own = transform.profile.map(({ p05, p95, max, min }, f) =>
    category[f] ? 1 : Math.max(scale[f]! || Math.abs(multiply[f]!), p95 - p05, 1e-3 * (max - min)),
  );
  return (row, column) => {
    if (!category[column]) return Math.max(own[column]!, Math.abs(source.expected[row * features + column]!));
    const start = row * width + first[column]!;
    return isTie(source.reconstruction.subarray(start, start + size[column]!)) ? Number.POSITIVE_INFINITY : 1;
  };
}

function isTie(block: Float32Array): boolean {
  const [largest = 0, second = Number.NEGATIVE_INFINITY] = block.toSorted().toReversed();
  return Math.abs(largest - Math.max(second, 0.5)) < CATEGORY_TIE;
}

/**
 * What an int8 artifact's graph must keep, on the reference engine: around its autoencoder it is float32 arithmetic, as
 * exact as that of a float32 artifact; the autoencoder itself gives what the source does, but for rounding to steps.
 */
export function int8GraphChecks(
  engine: string,
  rows: ComparedRows,
  found: ArtifactResult,
  reconstruction: Float32Array,
): VerificationCheck[] {
  const around = rows.plain.evaluate(rows.rows, rows.count, (_inputs, _count, out) => out.set(reconstruction));
  const { bias, noise, where } = reconstructionError(rows, reconstruction);
  return [
    ...floatChecks(engine, { ...rows, source: around }, found, 'plain arithmetic around its autoencoder'),
    check('mean error of a reconstruction, in typical residuals', engine, bias, atMost(LIMITS.int8Bias), where),
    check('error of reconstructions, in typical residuals', engine, noise, atMost(LIMITS.int8Noise)),
  ];
}

/** What an int8 artifact must keep: it ranks normal rows as the source does. */
export function int8RankCheck(engine: string, rows: ComparedRows, found: ArtifactResult): VerificationCheck {
  const { normalCount } = rows;
  const correlation = rankCorrelation(found.score.subarray(0, normalCount), rows.source.score.subarray(0, normalCount));
  return check('rank correlation with the source on normal rows', engine, correlation, atLeast(LIMITS.rankCorrelation));
}

/** Every engine computes the same int8 scores, but where an input lies on the border between two steps. */
export function int8EngineCheck(
  engine: string,
  rows: ComparedRows,
  found: ArtifactResult,
  reference: ArtifactResult,
): VerificationCheck {
  let differ = 0;
  let worst = { value: 0, row: -1 };
  for (let row = 0; row < rows.count; row++) {
    const value =
      Math.abs(found.score[row]! - reference.score[row]!) / scoreScale(reference.score[row]!, rows.medianScore);
    if (!(value <= SAME_SCORE)) differ++;
    if (!(value <= worst.value)) worst = { value, row };
  }
  const where = worst.row === -1 ? undefined : `${rows.nameOf(worst.row)}, by ${worst.value.toPrecision(3)}`;
  return check(
    'share of rows whose score is not the reference engine’s',
    engine,
    differ / rows.count,
    atMost(LIMITS.int8ScoresThatDiffer),
    where,
  );
}

/** Counts decisions of an engine that differ from the reference's at the threshold. */
export class DecisionComparison {
  readonly #threshold: number;
  readonly #band: number;
  #rows = 0;
  #differ = 0;
  #outside = 0;

  constructor(precision: Precision, threshold: number, medianScore: number) {
    this.#threshold = threshold;
    this.#band = ROUNDING_BAND[precision] * scoreScale(threshold, medianScore);
  }

  /** Adds rows by their scores of both engines. */
  add(scores: Float32Array, reference: Float32Array): void {
    for (let i = 0; i < scores.length; i++) {
      this.#rows++;
      const same = scores[i]! > this.#threshold === reference[i]! > this.#threshold && !Number.isNaN(scores[i]);
      if (same) continue;
      this.#differ++;
      if (!(Math.abs(scores[i]! - this.#threshold) <= this.#band)) this.#outside++;
    }
  }

  checks(engine: string): VerificationCheck[] {
    const allowed = Math.max(LIMITS.decisionsAlwaysAllowed, Math.floor(LIMITS.decisionsThatDiffer * this.#rows));
    return [
      check('decisions on calibration rows that differ from the reference', engine, this.#differ, atMost(allowed)),
      check('…of them farther from the threshold than rounding', engine, this.#outside, atMost(0)),
    ];
  }
}

/** At least one engine that nobody of this project wrote has to have agreed. */
export function independenceCheck(independent: number): VerificationCheck {
  return check('independent engines that could be asked', 'graph', independent, atLeast(1));
}
