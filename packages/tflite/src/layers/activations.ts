import type { GraphBuilder } from '../builder/graph-builder.ts';
import type { TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import type { FusedActivation } from '../model/operator-options.ts';

/** Activations that a kernel can apply to its own output. */
const FUSED: ReadonlyMap<string, FusedActivation> = new Map([
  ['linear', 'none'],
  ['relu', 'relu'],
  ['relu6', 'relu6'],
]);

/** Constants of SELU (Klambauer et al., "Self-Normalizing Neural Networks", 2017). */
const SELU_ALPHA = 1.673_263_242_354_377_2;
const SELU_SCALE = 1.050_700_987_355_480_5;

/** What Keras 3 computes by the name `hard_sigmoid`: relu6(x + 3) / 6. */
export const HARD_SIGMOID_OF_KERAS_3 = 'hardsigmoid3';

type Maker = (g: GraphBuilder, x: TensorHandle, name: string) => TensorHandle;

/** x < 0 ? alpha * (exp(x) - 1) : x, times scale, from operators that TensorFlow Lite has. */
export function scaledElu(g: GraphBuilder, x: TensorHandle, alpha: number, scale: number, name: string): TensorHandle {
  if (alpha === 1 && scale === 1) return g.elu(x, name);
  const negative = g.mul(g.elu(g.minimum(x, g.scalar(0))), g.scalar(alpha * scale));
  const positive = scale === 1 ? g.relu(x) : g.mul(g.relu(x), g.scalar(scale));
  return g.add(positive, negative, 'none', name);
}

/** log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)). */
function softplus(g: GraphBuilder, x: TensorHandle, name?: string): TensorHandle {
  const tail = g.log(g.add(g.exp(g.neg(g.abs(x))), g.scalar(1)));
  return g.add(g.relu(x), tail, 'none', name);
}

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016). */
function geluTanh(g: GraphBuilder, x: TensorHandle, name: string): TensorHandle {
  const cube = g.mul(g.mul(g.square(x), x), g.scalar(0.044_715));
  const inner = g.mul(g.add(x, cube), g.scalar(Math.sqrt(2 / Math.PI)));
  return g.mul(g.mul(x, g.scalar(0.5)), g.add(g.tanh(inner), g.scalar(1)), 'none', name);
}

const MAKERS: Readonly<Record<string, Maker>> = {
  elu: (g, x, name) => g.elu(x, name),
  exponential: (g, x, name) => g.exp(x, name),
  gelunew: geluTanh,
  hardsigmoid: (g, x, name) => g.minimum(g.relu(g.add(g.mul(x, g.scalar(0.2)), g.scalar(0.5))), g.scalar(1), name),
  [HARD_SIGMOID_OF_KERAS_3]: (g, x, name) => g.mul(g.relu6(g.add(x, g.scalar(3))), g.scalar(1 / 6), 'none', name),
  logsoftmax: (g, x, name) => g.logSoftmax(x, name),
  mish: (g, x, name) => g.mul(x, g.tanh(softplus(g, x)), 'none', name),
  relu: (g, x, name) => g.relu(x, name),
  relu6: (g, x, name) => g.relu6(x, name),
  selu: (g, x, name) => scaledElu(g, x, SELU_ALPHA, SELU_SCALE, name),
  sigmoid: (g, x, name) => g.logistic(x, name),
  silu: (g, x, name) => g.mul(x, g.logistic(x), 'none', name),
  softmax: (g, x, name) => g.softmax(x, 1, name),
  softplus,
  softsign: (g, x, name) => g.div(x, g.add(g.abs(x), g.scalar(1)), 'none', name),
  swish: (g, x, name) => g.mul(x, g.logistic(x), 'none', name),
  tanh: (g, x, name) => g.tanh(x, name),
};

/** Names of the supported activations. */
export const SUPPORTED_ACTIVATIONS: readonly string[] = ['linear', ...Object.keys(MAKERS)].toSorted();

/** The part of an activation that a kernel fuses; `none` where `applyRest` must follow. */
export function fusedPart(activation: string): FusedActivation {
  return FUSED.get(activation) ?? 'none';
}

/** Adds an activation to a graph. `linear` adds nothing. */
export function applyActivation(g: GraphBuilder, x: TensorHandle, activation: string, name: string): TensorHandle {
  if (activation === 'linear') return x;
  // By names from a file: `constructor` is none.
  if (!Object.hasOwn(MAKERS, activation)) {
    throw new TfliteError(
      `layer ${name}`,
      `activation ${activation} is not supported; these are: ${SUPPORTED_ACTIVATIONS.join(', ')}`,
    );
  }
  return MAKERS[activation](g, x, name);
}

/** Adds what of an activation was not fused into the operator before. */
export function applyRest(g: GraphBuilder, x: TensorHandle, activation: string, name: string): TensorHandle {
  return !FUSED.has(activation) ? applyActivation(g, x, activation, `${name}/${activation}`) : x;
}
