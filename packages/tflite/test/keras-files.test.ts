import { describe, expect, it } from 'vitest';
import { convertLayersModel, parseLayersModel } from '../src/layers/index.ts';
import { compute, sequential, type LayerSpec } from './support/sequential.ts';

/** The forms in which Keras 2.15 saves through the Python package tensorflowjs 4.22, which differ from TensorFlow.js's. */

const IDENTITY = { kernel: { shape: [2, 2], values: [1, 0, 0, 1] } };

function dense(config: object, values = IDENTITY): LayerSpec {
  return { className: 'Dense', config: { units: 2, use_bias: false, ...config }, weights: values };
}

function batchNormalization(axis: unknown, gamma: readonly number[]): LayerSpec {
  const all = (value: number) => ({ shape: [gamma.length], values: gamma.map(() => value) });
  return {
    className: 'BatchNormalization',
    config: { axis, epsilon: 0, center: false },
    weights: { gamma: { shape: [gamma.length], values: gamma }, moving_mean: all(0), moving_variance: all(1) },
  };
}

describe('axes', () => {
  it('of BatchNormalization are lists of one, alone and after a dense layer', async () => {
    const gamma = [2, 3];
    expect(await compute(sequential([2], [batchNormalization([1], gamma)]), [1, 1])).toEqual([2, 3]);
    expect(await compute(sequential([2], [dense({}), batchNormalization([1], gamma)]), [1, 1])).toEqual([2, 3]);
    expect(convertLayersModel(sequential([2], [dense({}), batchNormalization([1], gamma)])).subgraphs[0]).toMatchObject(
      {
        operators: { length: 1 },
      },
    );
  });

  it('of BatchNormalization may be others than that of the dense layer before', async () => {
    const source = sequential([2, 2], [dense({}), batchNormalization([1], [2, 3])]);
    expect(await compute(source, [1, 1, 1, 1])).toEqual([2, 2, 3, 3]);
    const last = sequential([2, 2], [dense({}), batchNormalization([2], [2, 3])]);
    expect(await compute(last, [1, 1, 1, 1])).toEqual([2, 3, 2, 3]);
    const flat = sequential([2, 1], [{ className: 'Flatten' }, dense({}), batchNormalization([1], [2, 3])]);
    expect(await compute(flat, [1, 1])).toEqual([2, 3]);
  });

  it('are refused where there are several, or none of that number', () => {
    for (const axis of [[1, 2], [3], 'x', 1.5]) {
      const source = sequential([2, 2], [batchNormalization(axis, [2, 3])]);
      expect(() => convertLayersModel(source)).toThrow(/BatchNormalization\): option axis is no single axis of 3/);
    }
  });
});

describe('Normalization', () => {
  const statistics = (values: readonly number[]) => ({
    mean: { shape: [values.length], values },
    variance: { shape: [values.length], values: values.map((value) => value * value) },
    count: { shape: [], values: [9] },
  });

  it('has an axis in a list, and what `adapt` left without the name of the layer', async () => {
    const config = { axis: [-1], mean: null, variance: null, invert: false };
    const source = sequential([2], [{ className: 'Normalization', config, weights: statistics([1, 2]) }]);
    expect(await compute(source, [3, 4])).toEqual([2, 1]);
  });

  it('without an axis has one mean for all', async () => {
    const config = { axis: [], mean: null, variance: null };
    const source = sequential([2], [{ className: 'Normalization', config, weights: statistics([2]) }]);
    expect(await compute(source, [2, 4])).toEqual([0, 1]);
  });

  it('may be inverted', async () => {
    const config = { axis: [-1], mean: [1, 2], variance: [4, 9], invert: true };
    expect(await compute(sequential([2], [{ className: 'Normalization', config }]), [1, 2])).toEqual([3, 8]);
  });

  it('is refused where its statistics are of another width', () => {
    const config = { axis: [-1], mean: null, variance: null };
    const source = sequential([3], [{ className: 'Normalization', config, weights: statistics([1, 2]) }]);
    expect(() => convertLayersModel(source)).toThrow(/has 2 values of mean for 3 columns/);
  });
});

describe('activations that are layers keep their options', () => {
  const activation = (className: string, config: object) => ({
    module: 'keras.layers',
    class_name: className,
    config: { name: 'a', ...config },
    registered_name: null,
  });

  it.each([
    ['ELU', { alpha: 0.5 }, [-0.31606, 2]],
    ['ReLU', { max_value: 1.5, negative_slope: 0.1 }, [-0.1, 1.5]],
    ['LeakyReLU', { alpha: 0.25 }, [-0.25, 2]],
    ['Softmax', { axis: -1 }, [0.04743, 0.95257]],
  ])('%s', async (className, config, expected) => {
    const inside = dense({ activation: activation(className, config) });
    expect(await compute(sequential([2], [inside]), [-1, 2])).toEqual(expected);
    const alone: LayerSpec = { className: 'Activation', config: { activation: activation(className, config) } };
    expect(await compute(sequential([2], [alone]), [-1, 2])).toEqual(expected);
    // What follows takes the activated values.
    const followed = sequential([2], [inside, { className: 'Rescaling', config: { scale: 1, offset: 1 } }]);
    const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(5)));
    expect(rounded(await compute(followed, [-1, 2]))).toEqual(rounded(expected.map((value) => value + 1)));
  });

  it('others are refused by name', () => {
    const source = sequential([2], [dense({ activation: activation('ThresholdedReLU', { theta: 1 }) })]);
    expect(() => convertLayersModel(source)).toThrow(/activation thresholdedrelu is not supported/);
  });
});

describe('names and weights', () => {
  it('of layers may have slashes', async () => {
    const doubled = { kernel: { shape: [2, 2], values: [2, 0, 0, 2] } };
    const layers = [
      { ...dense({}, doubled), name: 'a/dense' },
      { ...dense({}), name: 'b/dense' },
    ];
    expect(await compute(sequential([2], layers), [1, 2])).toEqual([2, 4]);
  });

  it('that fit a layer in two scopes are refused', () => {
    const config = { name: 'd', units: 1, use_bias: false, batch_input_shape: [null, 1] };
    const artifacts = {
      modelTopology: { class_name: 'Sequential', config: [{ class_name: 'Dense', config }] },
      weightSpecs: ['a/d/kernel', 'b/d/kernel'].map((name) => ({ name, shape: [1, 1], dtype: 'float32' })),
      weightData: new Uint8Array(8),
    };
    expect(() => parseLayersModel(artifacts)).toThrow(/layer d: has weights in more than one scope/);
  });
});

describe('layers', () => {
  it('that matter in training only vanish', async () => {
    const gone = ['ActivityRegularization', 'AlphaDropout', 'Dropout', 'GaussianDropout', 'GaussianNoise'];
    for (const className of gone) expect(await compute(sequential([2], [{ className }]), [1, -2])).toEqual([1, -2]);
    expect(await compute(sequential([2, 1], [{ className: 'SpatialDropout1D' }]), [1, -2])).toEqual([1, -2]);
    expect(await compute(sequential([2, 1, 1], [{ className: 'SpatialDropout2D' }]), [1, -2])).toEqual([1, -2]);
  });

  it('with groups of channels are refused', () => {
    const weights = { kernel: { shape: [1, 1, 1, 2], values: [1, 1] }, bias: { shape: [2], values: [0, 0] } };
    const source = sequential([1, 1, 2], [{ className: 'Conv2D', config: { filters: 2, groups: 2 }, weights }]);
    expect(() => convertLayersModel(source)).toThrow(/layer0 \(Conv2D\): groups of channels are not supported/);
  });
});
