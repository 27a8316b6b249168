import type { TransformDocument, TransformOperation } from '@edgeguard/contracts';

const fround = Math.fround;

/**
 * Computes a transform in float32, rounding after every operation as a TFLite graph of the same operations does; only
 * the logarithm may differ from an engine's in its last digit. Allocates nothing per call.
 */
export class TransformEvaluator {
  /** F, the number of raw features. */
  readonly inputWidth: number;
  /** D, the number of model inputs. */
  readonly outputWidth: number;
  readonly #steps: readonly Step[];
  readonly #oneHot: OneHot | undefined;
  readonly #numbers: Int32Array;
  readonly #row: Float32Array;

  constructor(document: TransformDocument) {
    this.inputWidth = document.schema.features.length;
    this.outputWidth = document.outputs.length;
    this.#row = new Float32Array(this.inputWidth);
    this.#steps = document.operations.flatMap(stepOf);
    this.#oneHot = document.operations.find((operation) => operation.kind === 'one-hot');
    const categories = new Set(this.#oneHot?.blocks.map((block) => block.feature));
    this.#numbers = Int32Array.from({ length: this.inputWidth }, (_, i) => i).filter((i) => !categories.has(i));
  }

  /**
   * @param rows   raw rows [n, F], finite
   * @param inputs gets the model inputs [n, D]
   * @param excess gets what was cut off, in standard deviations of train [n, F]
   */
  apply(rows: Float32Array, count: number, inputs: Float32Array, excess: Float32Array): void {
    const width = this.inputWidth;
    const row = this.#row;
    for (let n = 0; n < count; n++) {
      const from = n * width;
      for (let f = 0; f < width; f++) {
        row[f] = rows[from + f]!;
        excess[from + f] = 0;
      }
      for (const step of this.#steps) {
        switch (step.kind) {
          case 'clip':
            for (let f = 0; f < width; f++) row[f] = Math.min(Math.max(row[f]!, step.a[f]!), step.b[f]!);
            break;
          case 'log1p':
            for (let f = 0; f < width; f++) {
              const rate = step.a[f]!;
              if (rate > 0) row[f] = Math.log(fround(1 + fround(row[f]! * rate)));
            }
            break;
          case 'affine':
            for (let f = 0; f < width; f++) row[f] = fround(row[f]! * step.a[f]!) + step.b[f]!;
            break;
          case 'saturate':
            for (let f = 0; f < width; f++) {
              const x = row[f]!;
              const y = Math.min(Math.max(x, step.a[f]!), step.b[f]!);
              excess[from + f]! += Math.abs(fround(x - y));
              row[f] = y;
            }
            break;
        }
      }
      this.#writeInputs(inputs, n * this.outputWidth, excess, from);
    }
  }

  #writeInputs(inputs: Float32Array, to: number, excess: Float32Array, from: number): void {
    const row = this.#row;
    let at = to;
    for (let i = 0; i < this.#numbers.length; i++) inputs[at++] = row[this.#numbers[i]!]!;
    if (!this.#oneHot) return;
    for (const { feature, size } of this.#oneHot.blocks) {
      const code = row[feature]!;
      let known = 0;
      for (let k = 1; k <= size; k++) {
        const value = fround(Math.max(0, fround(1 - Math.abs(fround(code - k)))));
        inputs[at++] = value;
        known = fround(known + value);
      }
      excess[from + feature]! += fround(this.#oneHot.unknownExcess * fround(Math.max(0, fround(1 - known))));
    }
  }
}

type OneHot = Extract<TransformOperation, { kind: 'one-hot' }>;

/** An operation with its constants as typed arrays: low and high, rate, or multiply and add. */
interface Step {
  readonly kind: 'clip' | 'log1p' | 'affine' | 'saturate';
  readonly a: Float32Array;
  readonly b: Float32Array;
}

function stepOf(operation: TransformOperation): Step[] {
  const floats = (values: readonly number[]): Float32Array => Float32Array.from(values);
  switch (operation.kind) {
    case 'clip':
    case 'saturate':
      return [{ kind: operation.kind, a: floats(operation.low), b: floats(operation.high) }];
    case 'log1p':
      return [{ kind: 'log1p', a: floats(operation.rate), b: new Float32Array(0) }];
    case 'affine':
      return [{ kind: 'affine', a: floats(operation.multiply), b: floats(operation.add) }];
    case 'one-hot':
      return [];
  }
}
