import type { ScorerDocument, TransformDocument } from '@edgeguard/contracts';
import { DistanceScorer, ResidualScorer } from '@edgeguard/detection';
import { InverseEvaluator, TransformEvaluator } from '@edgeguard/transform';

/** Everything that a detector computes for some rows. */
export interface PlainResult {
  readonly score: Float32Array;
  readonly expected: Float32Array;
  readonly featureErrors: Float32Array;
  /** Model inputs and reconstructions [count, D]. */
  readonly inputs: Float32Array;
  readonly reconstruction: Float32Array;
}

/** Gives the reconstruction [count, D] of model inputs [count, D]. */
export type Reconstruct = (inputs: Float32Array, count: number, reconstruction: Float32Array) => void;

/** A detector in plain arithmetic: transform and scorer, around an autoencoder that the caller computes. */
export class PlainDetector {
  /** F. */
  readonly featureCount: number;
  readonly #transform: TransformEvaluator;
  readonly #inverse: InverseEvaluator;
  readonly #scorer: ResidualScorer;
  readonly #distance: DistanceScorer | undefined;

  constructor(transform: TransformDocument, scorer: ScorerDocument) {
    this.featureCount = transform.schema.features.length;
    this.#transform = new TransformEvaluator(transform);
    this.#inverse = new InverseEvaluator(transform);
    this.#scorer = new ResidualScorer(scorer, transform.outputs, this.featureCount);
    const { penalty, distance } = scorer;
    if (distance) this.#distance = new DistanceScorer(penalty, distance, transform.outputs, this.featureCount);
  }

  /** Computes `count` raw rows [count, F]. */
  evaluate(rows: Float32Array, count: number, reconstruct: Reconstruct): PlainResult {
    const width = this.#transform.outputWidth;
    const inputs = new Float32Array(count * width);
    const excess = new Float32Array(count * this.featureCount);
    const reconstruction = new Float32Array(count * width);
    this.#transform.apply(rows, count, inputs, excess);
    reconstruct(inputs, count, reconstruction);
    const residual = Float32Array.from(inputs, (value, i) => value - reconstruction[i]!);
    const featureErrors = new Float32Array(count * this.featureCount);
    const score = new Float32Array(count);
    this.#scorer.score(residual, excess, count, featureErrors, score);
    this.#distance?.add(inputs, count, featureErrors, score);
    const expected = new Float32Array(count * this.featureCount);
    this.#inverse.apply(reconstruction, count, expected);
    return { score, expected, featureErrors, inputs, reconstruction };
  }
}
