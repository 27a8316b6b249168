import { penaltyOf, type ResidualPenalty, type ScorerDocument } from '@edgeguard/contracts';

/**
 * The score in plain arithmetic, from residuals and excess: what the detector's graph computes, for training and for
 * the verification of the graph. See {@link ScorerDocument} for the definition. Sums are kept in double precision. A distance
 * to normal is added by `DistanceScorer`.
 */
export class ResidualScorer {
  /** D: width of the transform's output. */
  readonly inputCount: number;
  /** F: features of the schema. */
  readonly featureCount: number;
  readonly #penalty: ResidualPenalty;
  readonly #weight: number;
  readonly #whitening: Float64Array;
  readonly #mean: Float64Array;
  readonly #featureOf: Int32Array;
  readonly #evidenceWeight: number;
  readonly #centred: Float64Array;

  /**
   * @param featureOf    for each of the D inputs the feature that it comes from (`outputs` of the transform)
   * @param featureCount F
   */
  constructor(scorer: ScorerDocument, featureOf: readonly number[], featureCount: number) {
    const inputs = featureOf.length;
    if (scorer.mean.length !== inputs || scorer.whitening.length !== inputs * inputs) {
      throw new RangeError(`the scorer is for ${scorer.mean.length} inputs, the transform gives ${inputs}`);
    }
    this.inputCount = inputs;
    this.featureCount = featureCount;
    this.#penalty = scorer.penalty;
    this.#weight = scorer.distance?.residualWeight ?? 1;
    this.#whitening = Float64Array.from(scorer.whitening);
    this.#mean = Float64Array.from(scorer.mean);
    this.#featureOf = Int32Array.from(featureOf);
    this.#evidenceWeight = scorer.evidenceWeight;
    this.#centred = new Float64Array(inputs);
  }

  /**
   * Scores rows.
   *
   * @param residual      transformed row minus its reconstruction, [rows, D] row major
   * @param excess        what the transform cut off, [rows, F] row major
   * @param rows          number of rows
   * @param featureErrors gets the share of each feature, [rows, F]
   * @param scores        gets the score: the sum of the shares, [rows]
   */
  score(
    residual: Float32Array,
    excess: Float32Array,
    rows: number,
    featureErrors: Float32Array | Float64Array,
    scores: Float32Array | Float64Array,
  ): void {
    const { inputCount, featureCount } = this;
    const centred = this.#centred;
    const whitening = this.#whitening;
    for (let row = 0; row < rows; row++) {
      const inputAt = row * inputCount;
      const featureAt = row * featureCount;
      let score = 0;
      for (let f = 0; f < featureCount; f++) {
        const evidence = this.#evidenceWeight * excess[featureAt + f]!;
        featureErrors[featureAt + f] = evidence;
        score += evidence;
      }
      for (let i = 0; i < inputCount; i++) centred[i] = residual[inputAt + i]! - this.#mean[i]!;
      for (let j = 0; j < inputCount; j++) {
        let z = 0;
        const weights = j * inputCount;
        for (let i = 0; i < inputCount; i++) z += whitening[weights + i]! * centred[i]!;
        const share = (this.#weight * penaltyOf(this.#penalty, z)) / inputCount;
        featureErrors[featureAt + this.#featureOf[j]!]! += share;
        score += share;
      }
      scores[row] = score;
    }
  }
}
