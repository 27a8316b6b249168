import { type DistanceDocument, penaltyOf, penaltySlope, type ResidualPenalty } from '@edgeguard/contracts';

/**
 * The distance to normal in plain arithmetic: what the detector's graph computes, for training and for the verification of
 * the graph. See `DistanceSchema` of contracts for the definition. Sums are kept in double precision.
 */
export class DistanceScorer {
  /** D: width of the transform's output. */
  readonly inputCount: number;
  /** Of the row that {@link nearest} was called with last: its distance, and how much farther the next centre is. */
  distance = 0;
  gap = 0;
  readonly #penalty: ResidualPenalty;
  readonly #weight: number;
  readonly #centres: Float64Array;
  readonly #deviations: Float64Array;
  /** 2 log(s / floor) */
  readonly #widths: Float64Array;
  readonly #featureOf: Int32Array;
  readonly #featureCount: number;

  /**
   * @param featureOf    for each of the D inputs the feature that it comes from (`outputs` of the transform)
   * @param featureCount F
   */
  constructor(
    penalty: ResidualPenalty,
    { weight, deviationFloor, centres, deviations }: Omit<DistanceDocument, 'residualWeight'>,
    featureOf: readonly number[],
    featureCount: number,
  ) {
    const inputs = featureOf.length;
    if (centres.length === 0 || centres.length % inputs !== 0 || centres.length !== deviations.length) {
      throw new RangeError(`${centres.length} values of centres are not rows of ${inputs} inputs`);
    }
    this.inputCount = inputs;
    this.#penalty = penalty;
    this.#weight = weight;
    this.#centres = Float64Array.from(centres);
    this.#deviations = Float64Array.from(deviations);
    this.#widths = Float64Array.from(deviations, (deviation) => 2 * Math.log(deviation / deviationFloor));
    this.#featureOf = Int32Array.from(featureOf);
    this.#featureCount = featureCount;
  }

  /** The nearest centre of a row of model inputs [rows, D]; sets `distance` and `gap`, in units of the weighted score. */
  nearest(inputs: Float32Array, row: number): number {
    const { inputCount } = this;
    const first = row * inputCount;
    let [nearest, least, second] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let centre = 0; centre * inputCount < this.#centres.length; centre++) {
      let distance = 0;
      for (let i = 0; i < inputCount; i++) distance += this.#share(inputs[first + i]!, centre * inputCount + i);
      if (distance < least) {
        second = least;
        least = distance;
        nearest = centre;
      } else if (distance < second) {
        second = distance;
      }
    }
    this.distance = least;
    this.gap = second - least;
    return nearest;
  }

  /** d distance / d input i of a row, for a centre. */
  slope(inputs: Float32Array, row: number, centre: number, i: number): number {
    const at = centre * this.inputCount + i;
    const z = (inputs[row * this.inputCount + i]! - this.#centres[at]!) / this.#deviations[at]!;
    return (this.#weight * penaltySlope(this.#penalty, z)) / (this.#deviations[at]! * this.inputCount);
  }

  /**
   * Adds the distances of rows to their scores, and the shares of the nearest centres' inputs to their features.
   *
   * @param inputs        model inputs [rows, D] row major
   * @param featureErrors [rows, F]
   * @param scores        [rows]
   */
  add(
    inputs: Float32Array,
    rows: number,
    featureErrors: Float32Array | Float64Array,
    scores: Float32Array | Float64Array,
  ): void {
    const { inputCount } = this;
    for (let row = 0; row < rows; row++) {
      const centre = this.nearest(inputs, row);
      scores[row]! += this.distance;
      for (let i = 0; i < inputCount; i++) {
        featureErrors[row * this.#featureCount + this.#featureOf[i]!]! += this.#share(
          inputs[row * inputCount + i]!,
          centre * inputCount + i,
        );
      }
    }
  }

  #share(input: number, at: number): number {
    const z = (input - this.#centres[at]!) / this.#deviations[at]!;
    return (this.#weight * (penaltyOf(this.#penalty, z) + this.#widths[at]!)) / this.inputCount;
  }
}
