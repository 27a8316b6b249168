import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

const { layers } = tfl;

/** One step of a generated model. `pick` values choose among what fits the shape at hand. */
export interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly activation: number;
}

/** A generated model: small, and made of numbers that fast-check can shrink. */
export interface ModelPlan {
  readonly rank: number;
  readonly size: number;
  readonly channels: number;
  readonly steps: readonly Step[];
  readonly seed: number;
}

export const modelPlan: fc.Arbitrary<ModelPlan> = fc.record({
  rank: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 3, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
  steps: fc.array(fc.record({ kind: fc.nat(1000), a: fc.nat(1000), b: fc.nat(1000), activation: fc.nat(1000) }), {
    minLength: 1,
    maxLength: 7,
  }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'softmax',
  'logSoftmax',
  'gelu_new',
] as const;
type Symbolic = tfl.SymbolicTensor;
type Applied = { apply: (x: Symbolic | Symbolic[]) => unknown };

interface Situation {
  readonly x: Symbolic;
  readonly shape: readonly number[];
  readonly step: Step;
}

function on(layer: Applied, x: Symbolic | Symbolic[]): Symbolic {
  return layer.apply(x) as Symbolic;
}

type Activation = Parameters<typeof layers.activation>[0]['activation'];

/** The types of TensorFlow.js forget that it has `logSoftmax`. */
function activation(step: Step): Activation {
  return ACTIVATIONS[step.activation % ACTIVATIONS.length] as Activation;
}

const padding = (step: Step): 'same' | 'valid' => (step.b % 2 === 0 ? 'same' : 'valid');

/** A layer of the same shape beside `x`, to be merged with it. */
function sibling({ x, shape, step }: Situation): Symbolic {
  return on(layers.dense({ units: shape[shape.length - 1], activation: activation(step) }), x);
}

type Maker = (at: Situation) => Symbolic;

/** Layers that only matter in training. */
const REMOVED: readonly (() => Applied)[] = [
  () => layers.dropout({ rate: 0.3 }),
  () => layers.alphaDropout({ rate: 0.3 }),
  () => layers.gaussianDropout({ rate: 0.3 }),
  () => layers.gaussianNoise({ stddev: 0.1 }),
];

const ANY: readonly Maker[] = [
  ({ x, step }) =>
    on(layers.dense({ units: 1 + (step.a % 12), activation: activation(step), useBias: step.b % 4 !== 0 }), x),
  ({ x, step }) => on(layers.activation({ activation: activation(step) }), x),
  ({ x, step }) => on(layers.reLU(step.a % 2 === 0 ? {} : { maxValue: [6, 1.5][step.b % 2] }), x),
  ({ x, step }) => on(layers.leakyReLU({ alpha: 0.05 + (step.a % 10) / 20 }), x),
  ({ x }) => on(layers.prelu({}), x),
  ({ x }) => on(layers.elu({}), x),
  ({ x }) => on(layers.softmax({ axis: -1 }), x),
  ({ x, step }) => on(layers.batchNormalization({ center: step.a % 3 !== 0, scale: step.b % 3 !== 0 }), x),
  ({ x, step }) =>
    on(layers.batchNormalization({}), on(layers.dense({ units: 1 + (step.a % 12), useBias: step.b % 2 === 0 }), x)),
  ({ x }) => on(layers.layerNormalization({}), x),
  ({ x, step }) => on(REMOVED[step.a % REMOVED.length](), x),
  ({ x, step }) => on(layers.rescaling({ scale: 0.1 + (step.a % 10) / 10, offset: (step.b % 5) - 2 }), x),
  (at) => on(layers.add(), [at.x, sibling(at)]),
  (at) => on(layers.multiply(), [at.x, sibling(at)]),
  (at) => on(layers.average(), [at.x, sibling(at), at.x]),
  (at) => on(layers.maximum(), [at.x, sibling(at)]),
  (at) => on(layers.minimum(), [at.x, sibling(at)]),
  (at) => on(layers.concatenate(), [at.x, sibling(at)]),
];

const BY_RANK: Readonly<Record<number, readonly Maker[]>> = {
  1: [({ x, shape }) => on(layers.reshape({ targetShape: [shape[0], 1] }), x)],
  2: [
    ({ x, shape, step }) =>
      on(
        layers.conv1d({
          filters: 1 + (step.a % 6),
          kernelSize: 1 + (step.b % Math.min(3, shape[0])),
          padding: padding(step),
          activation: activation(step),
        }),
        x,
      ),
    ({ x, step }) => on(layers.maxPooling1d({ poolSize: 2, strides: 1 + (step.a % 2), padding: 'same' }), x),
    ({ x, step }) => on(layers.averagePooling1d({ poolSize: 2, strides: 1 + (step.a % 2), padding: 'same' }), x),
    ({ x }) => on(layers.globalAveragePooling1d(), x),
    ({ x }) => on(layers.globalMaxPooling1d(), x),
    ({ x }) => on(layers.flatten(), x),
    ({ x }) => on(layers.permute({ dims: [2, 1] }), x),
    ({ x }) => on(layers.spatialDropout1d({ rate: 0.3 }), x),
    ({ x, shape }) => on(layers.reshape({ targetShape: [shape[1], shape[0]] }), x),
  ],
  3: [
    ({ x, shape, step }) =>
      on(
        layers.conv2d({
          filters: 1 + (step.a % 6),
          kernelSize: [1 + (step.b % Math.min(3, shape[0])), 1 + (step.a % Math.min(3, shape[1]))],
          strides: step.kind % 2 === 0 ? 1 : 2,
          padding: padding(step),
          activation: activation(step),
        }),
        x,
      ),
    ({ x, step }) =>
      on(layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, padding: 'same', useBias: step.a % 2 === 0 }), x),
    ({ x, step }) =>
      on(
        layers.depthwiseConv2d({
          kernelSize: 2,
          depthMultiplier: 1 + (step.a % 3),
          padding: 'same',
          strides: 1 + (step.b % 2),
        }),
        x,
      ),
    ({ x, step }) =>
      on(
        layers.separableConv2d({
          filters: 1 + (step.a % 4),
          kernelSize: 2,
          padding: 'same',
          activation: activation(step),
        }),
        x,
      ),
    ({ x, step }) =>
      on(layers.batchNormalization({}), on(layers.conv2d({ filters: 1 + (step.a % 4), kernelSize: 1 }), x)),
    ({ x, step }) =>
      on(layers.maxPooling2d({ poolSize: [2, 2], strides: [1 + (step.a % 2), 1 + (step.b % 2)], padding: 'same' }), x),
    ({ x, step }) =>
      on(
        layers.averagePooling2d({ poolSize: [2, 2], strides: [1 + (step.a % 2), 1 + (step.b % 2)], padding: 'same' }),
        x,
      ),
    ({ x }) => on(layers.globalAveragePooling2d({}), x),
    ({ x }) => on(layers.globalMaxPooling2d({}), x),
    ({ x, step }) =>
      on(
        layers.zeroPadding2d({
          padding: [
            [step.a % 3, step.b % 2],
            [1, step.a % 2],
          ],
        }),
        x,
      ),
    ({ x, shape }) =>
      shape[0] > 2 && shape[1] > 2
        ? on(
            layers.cropping2D({
              cropping: [
                [1, 0],
                [0, 1],
              ],
            }),
            x,
          )
        : x,
    ({ x }) => on(layers.flatten(), x),
    ({ x }) => on(layers.permute({ dims: [2, 1, 3] }), x),
  ],
};

/** Builds the TensorFlow.js model of a plan. Rank 4 stands for whole numbers that go through an embedding. */
export function buildModel(plan: ModelPlan): tfl.LayersModel {
  const inputShapes = [
    [plan.size],
    [plan.size, plan.channels],
    [plan.size, plan.size, Math.min(plan.channels, 4)],
    [plan.size],
  ];
  const input = tfl.input({ shape: inputShapes[plan.rank - 1] });
  let x = plan.rank === 4 ? on(layers.embedding({ inputDim: 8, outputDim: plan.channels }), input) : input;
  for (const step of plan.steps) {
    const shape = x.shape.slice(1) as number[];
    const makers = [...ANY, ...BY_RANK[shape.length], ...BY_RANK[shape.length]];
    x = makers[step.kind % makers.length]({ x, shape, step });
  }
  // A model needs at least one layer that is not the input.
  return tfl.model({ inputs: input, outputs: x === input ? on(layers.activation({ activation: 'linear' }), x) : x });
}
