import type { TransformDocument, TransformOperation } from '@edgeguard/contracts';

/** The constants of the way back from model inputs to raw units; each list has one value per feature. Float32 values. */
export interface InverseConstants {
  /** y := min(max(x, low), high): a reconstruction is first brought into the range that inputs have. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** y := y * multiply + add. */
  readonly multiply: readonly number[];
  readonly add: readonly number[];
  /** x := (exp(y) - 1) * scale where scale > 0, else y. */
  readonly scale: readonly number[];
  /** Where the model inputs of each feature start, and how many there are (more than one: a category). */
  readonly first: readonly number[];
  readonly size: readonly number[];
  /** True for a category, even for one of a single value. */
  readonly category: readonly boolean[];
}

/** exp(y) - 1 is -1 in float32 from here down, so that lower bounds would change nothing but its range. */
const LOWEST_EXPONENT = -60;

/** What `expected` in a detector's graph is made of: see {@link InverseEvaluator}. */
export function inverseConstants(document: TransformDocument): InverseConstants {
  const affine = operationOf(document, 'affine');
  const clip = operationOf(document, 'clip');
  const log = operationOf(document, 'log1p');
  const saturate = operationOf(document, 'saturate');
  const oneHot = document.operations.find((operation) => operation.kind === 'one-hot');
  const categories = new Set(oneHot?.blocks.map((block) => block.feature));
  const first = document.schema.features.map((_, feature) => document.outputs.indexOf(feature));
  const size = document.schema.features.map((_, feature) => document.outputs.filter((f) => f === feature).length);
  // A feature that spans dozens of decades has deviations so large that the bounds of saturation lie beyond float32, on the
  // way back: there the bounds are those of the raw values.
  const bounded = (bound: number, f: number, limit: (rate: number) => number, nearer: typeof Math.min): number => {
    const rate = log.rate[f]!;
    return rate > 0 ? nearer(bound, Math.fround(limit(rate) * affine.multiply[f]! + affine.add[f]!)) : bound;
  };
  return {
    low: saturate.low.map((low, f) => bounded(low, f, () => LOWEST_EXPONENT, Math.max)),
    high: saturate.high.map((high, f) => bounded(high, f, (rate) => Math.log1p(clip.high[f]! * rate), Math.min)),
    multiply: affine.multiply.map((m) => Math.fround(1 / m)),
    add: affine.add.map((a, f) => Math.fround(-a / affine.multiply[f]!)),
    scale: log.rate.map((rate) => (rate > 0 ? Math.fround(1 / rate) : 0)),
    first,
    size,
    category: document.schema.features.map((_, feature) => categories.has(feature)),
  };
}

/**
 * Takes reconstructions [n, D] back to raw units [n, F], in float32: saturate, inverse affine, (exp(y) - 1) / rate.
 * A category is the code of its largest value, the first of equals, or 0 (unknown) where none reaches 0.5.
 */
export class InverseEvaluator {
  /** D, the number of model inputs. */
  readonly inputWidth: number;
  /** F, the number of raw features. */
  readonly outputWidth: number;
  readonly #constants: InverseConstants;

  constructor(document: TransformDocument) {
    this.inputWidth = document.outputs.length;
    this.outputWidth = document.schema.features.length;
    this.#constants = inverseConstants(document);
  }

  apply(inputs: Float32Array, count: number, raw: Float32Array): void {
    const c = this.#constants;
    const fround = Math.fround;
    for (let n = 0; n < count; n++) {
      const from = n * this.inputWidth;
      const to = n * this.outputWidth;
      for (let f = 0; f < this.outputWidth; f++) {
        if (c.category[f]) {
          raw[to + f] = codeOf(inputs, from + c.first[f]!, c.size[f]!);
          continue;
        }
        const x = Math.min(Math.max(inputs[from + c.first[f]!]!, c.low[f]!), c.high[f]!);
        const y = fround(fround(x * c.multiply[f]!) + c.add[f]!);
        raw[to + f] = c.scale[f]! > 0 ? fround(fround(Math.exp(y)) - 1) * c.scale[f]! : y;
      }
    }
  }
}

/** An evaluator of the way back from model inputs [D] to raw units [F]. */
export function invertToRaw(document: TransformDocument): InverseEvaluator {
  return new InverseEvaluator(document);
}

function codeOf(inputs: Float32Array, first: number, size: number): number {
  let code = 0;
  let largest = 0.5;
  for (let k = 0; k < size; k++) {
    const value = inputs[first + k]!;
    if (value > largest || (code === 0 && value >= largest)) {
      largest = value;
      code = k + 1;
    }
  }
  return code;
}

function operationOf<K extends TransformOperation['kind']>(
  document: TransformDocument,
  kind: K,
): Extract<TransformOperation, { kind: K }> {
  const found = document.operations.filter((operation) => operation.kind === kind);
  if (found.length !== 1) throw new Error(`a transform with ${found.length} operations ${kind} cannot be inverted`);
  return found[0] as Extract<TransformOperation, { kind: K }>;
}
