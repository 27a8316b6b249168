import { describe, expect, it } from 'vitest';
import { convertLayersModel, convertWithReport, parseLayersModel, toDenseChain } from '../src/layers/index.ts';
import { validateModel } from '../src/model/index.ts';
import { runOnce } from './support/engines.ts';
import { compute, sequential, type LayerSpec } from './support/sequential.ts';

/** The forms in which Keras 2.15 and 3.15 save through the Python package tensorflowjs 4.22, which differ from TensorFlow.js's. */

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

  it('of Concatenate may not be the batch, counted from either side', () => {
    for (const axis of [0, -2]) {
      const source = sequential([2], [{ className: 'Concatenate', config: { axis } }]);
      expect(() => convertLayersModel(source)).toThrow(/cannot concatenate along the batch/);
    }
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

describe('names that every object has', () => {
  it('are no activations, layers or types', () => {
    const weights = { kernel: { shape: [2, 2], values: [1, 0, 0, 1] } };
    for (const name of ['constructor', 'toString', '__proto__']) {
      const inside = sequential([2], [{ className: 'Dense', config: { activation: name, use_bias: false }, weights }]);
      expect(() => convertLayersModel(inside)).toThrow(/activation .+ is not supported/);
      expect(() => toDenseChain(inside)).toThrow(/activation .+ is not supported/);
      const alone = sequential([2], [{ className: 'Activation', config: { activation: name } }]);
      expect(() => convertLayersModel(alone)).toThrow(/activation .+ is not supported/);
      expect(() => convertLayersModel(sequential([2], [{ className: name }]))).toThrow(/layers that are not supported/);
      const spec = { name: 'd/kernel', shape: [1], dtype: name };
      const modelTopology = { class_name: 'Sequential', config: [] };
      expect(() => parseLayersModel({ modelTopology, weightSpecs: [spec], weightData: new Uint8Array(4) })).toThrow(
        /has the unsupported type/,
      );
    }
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

describe('Keras 3', () => {
  const tensor = (...history: readonly unknown[]) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 1], dtype: 'float32', keras_history: history },
  });
  const node = (...args: readonly unknown[]) => ({ args, kwargs: { mask: null } });
  const input = (name: string) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_shape: [null, 1], dtype: 'float32' },
    inbound_nodes: [],
  });
  const layer = (className: string, name: string, config: object, nodes: readonly unknown[]) => ({
    class_name: className,
    name,
    config: { name, ...config },
    inbound_nodes: nodes,
  });
  const timesTen = (name: string, from: string) =>
    layer('Dense', name, { units: 1, use_bias: false, activation: 'linear' }, [node(tensor(from, 0, 0))]);
  /** Times ten. */
  const functional = (nodes: readonly unknown[]) =>
    layer(
      'Functional',
      'f',
      { layers: [input('i'), timesTen('d', 'i')], input_layers: [['i', 0, 0]], output_layers: [['d', 0, 0]] },
      nodes,
    );
  /** Plus one. */
  const sequence = (nodes: readonly unknown[]) =>
    layer(
      'Sequential',
      's',
      { layers: [input('j'), { class_name: 'Rescaling', config: { name: 'r', scale: 1, offset: 1 } }] },
      nodes,
    );
  const model = (layers: readonly unknown[], outputs: readonly unknown[]) =>
    parseLayersModel({
      modelTopology: {
        keras_version: '3.15.1',
        model_config: {
          class_name: 'Functional',
          config: { name: 'm', layers, input_layers: ['x', 0, 0], output_layers: outputs },
        },
      },
      weightSpecs: [{ name: 'f/d/kernel', shape: [1, 1], dtype: 'float32' }],
      weightData: new Uint8Array(Float32Array.of(10).buffer),
    });
  const outputs = async (source: ReturnType<typeof model>, x: number) => {
    const results = await runOnce(convertLayersModel(source), 'reference', [Float32Array.of(x)], 1);
    return results.map((values) => values[0]);
  };

  it('refers to inputs by tensors, and to nested models by two ways of counting', async () => {
    const layers = [
      input('x'),
      functional([node(tensor('x', 0, 0)), node(tensor('s', 0, 0))]),
      sequence([node(tensor('f', 0, 0)), node(tensor('f', 1, 0))]),
      layer('Add', 'a', {}, [node([tensor('f', 1, 0), tensor('s', 1, 0)])]),
    ];
    // f: 10 x, then 10 (10 x + 1); s: 10 x + 1, then 100 x + 11.
    const all = ['a', 0, 0];
    const source = model(layers, [['s', 0, 0], ['s', 1, 0], ['f', 1, 0], ['f', 2, 0], all]);
    expect(await outputs(source, 2)).toEqual([21, 211, 20, 210, 421]);
    expect(await outputs(model(layers, all), 2)).toEqual([421]);
  });

  it('refuses references that lead nowhere', () => {
    const refused = (nodes: readonly unknown[], message: RegExp) =>
      expect(() => model([input('x'), sequence(nodes)], ['s', 0, 0])).toThrow(message);
    refused([node(tensor('y', 0, 0))], /names the layer y, which it does not have/);
    refused([node(tensor('s', 0, 0))], /layer s: depends on itself/);
    refused([node(tensor('x', 0.5, 0))], /inbound_nodes of s: is damaged/);
    refused([{ kwargs: {} }], /inbound_nodes of s: is no list/);
    refused([], /layer s: has no node 0/);
  });

  it('names the kernel of DepthwiseConv2D and computes hard_sigmoid in its own way', async () => {
    const all = (topology: object, weightSpecs: Parameters<typeof parseLayersModel>[0]['weightSpecs']) =>
      parseLayersModel({
        modelTopology: topology,
        weightSpecs,
        weightData: new Uint8Array(weightSpecs.length * 4).fill(0),
      });
    const layers = [
      { class_name: 'Activation', config: { name: 'a', activation: 'hard_sigmoid', batch_shape: [null, 1] } },
    ];
    const at = async (keras: string) =>
      compute(all({ keras_version: keras, class_name: 'Sequential', config: { name: 'm', layers } }, []), [1]);
    expect(await at('3.15.1')).toEqual([0.66667]);
    expect(await at('2.15.0')).toEqual([0.7]);

    const config = { name: 'c', kernel_size: [1, 1], batch_shape: [null, 1, 1, 1] };
    const depthwise = { class_name: 'DepthwiseConv2D', config };
    const bias = { name: 'c/bias', shape: [1], dtype: 'float32' };
    const kernel = { name: 'c/kernel', shape: [1, 1, 1, 1], dtype: 'float32' };
    const source = all({ class_name: 'Sequential', config: [depthwise] }, [bias, kernel]);
    expect(await compute(source, [1])).toEqual([0]);
  });
});

describe('operators are named after their layer', () => {
  const weights = { kernel: { shape: [1, 1, 1], values: [2] }, bias: { shape: [1], values: [0] } };
  const source = sequential(
    [4, 1],
    [
      { className: 'Conv1D', name: 'a', config: { filters: 1, kernel_size: [1], activation: 'swish' }, weights },
      { className: 'Conv1D', name: 'a_1', config: { filters: 1, kernel_size: [1] }, weights },
    ],
  );
  const representative = [Float32Array.of(1, 2, 3, 4)];

  it('so that a layer stays float with all that it consists of, and no other one', () => {
    const all = convertWithReport(source, { precision: 'int8', representative }).int8!;
    const first = all.quantized.filter((name) => name === 'a' || name.startsWith('a/'));
    expect(first.length).toBeGreaterThan(3);
    const kept = convertWithReport(source, { precision: 'int8', representative, keepFloat: ['a'] });
    expect(kept.int8).toMatchObject({ float: first, quantized: all.quantized.slice(first.length) });
  });

  it('also where a layer is used twice', () => {
    const dense = { class_name: 'Dense', config: { name: 'd', units: 1, use_bias: false, activation: 'tanh' } };
    const node = (from: string, i: number) => [[from, i, 0, {}]];
    const model = parseLayersModel({
      modelTopology: {
        class_name: 'Functional',
        config: {
          layers: [
            { class_name: 'InputLayer', name: 'x', config: { batch_input_shape: [null, 1] }, inbound_nodes: [] },
            { ...dense, name: 'd', inbound_nodes: [node('x', 0), node('d', 0)] },
          ],
          input_layers: [['x', 0, 0]],
          output_layers: [['d', 1, 0]],
        },
      },
      weightSpecs: [{ name: 'd/kernel', shape: [1, 1], dtype: 'float32' }],
      weightData: new Uint8Array(4),
    });
    const [{ operators, tensors }] = convertLayersModel(model).subgraphs;
    const names = operators.map((operator) => tensors[operator.outputs[0]].name);
    expect(names).toEqual(['d', 'd/tanh', 'd/2', 'd/2/tanh']);
  });
});

describe('very many', () => {
  const MANY = 200_000;

  it('channels are quantised and validated', () => {
    const weights = { kernel: { shape: [1, 1, 1, MANY], values: Array.from({ length: MANY }, () => 1) } };
    const config = { filters: MANY, kernel_size: [1, 1], use_bias: false };
    const source = sequential([1, 1, 1], [{ className: 'Conv2D', config, weights }]);
    const model = convertLayersModel(source, { precision: 'int8', representative: [Float32Array.of(1)] });
    expect(() => validateModel(model)).not.toThrow();
  });

  it('inputs of a layer, and weights, are read', () => {
    const inbound = Array.from({ length: MANY }, () => ['x', 0, 0, {}]);
    const topology = (nodes: unknown) => ({
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          { class_name: 'InputLayer', name: 'x', config: { batch_input_shape: [null, 1] }, inbound_nodes: [] },
          { class_name: 'Dropout', name: 'y', config: {}, inbound_nodes: [[['x', 0, 0, {}]]] },
          { class_name: 'Add', name: 'a', config: {}, inbound_nodes: nodes },
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['a', 0, 0]],
      },
    });
    const parsed = (nodes: unknown) =>
      parseLayersModel({ modelTopology: topology(nodes), weightSpecs: [], weightData: new Uint8Array(0) });
    expect(parsed([inbound]).calls[0].inputs).toHaveLength(MANY);
    // None of them is computed yet.
    expect(parsed([inbound.map(() => ['y', 0, 0, {}])]).calls[1].inputs).toHaveLength(MANY);
    const tensors = inbound.map(() => ({ class_name: '__keras_tensor__', config: { keras_history: ['y', 0, 0] } }));
    expect(parsed([{ args: [tensors], kwargs: {} }]).calls[1].inputs).toHaveLength(MANY);
  });
});
