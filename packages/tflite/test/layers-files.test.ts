import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertLayersModel, parseLayersModel, readLayersModel } from '../src/layers/index.ts';
import { ENGINES, runOnce } from './support/engines.ts';
import { compute, sequential } from './support/sequential.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'layers-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('layers that TensorFlow.js does not have or not in every form', () => {
  it('Normalization and Rescaling', async () => {
    const weights = {
      mean: { shape: [2], values: [1, 2] },
      variance: { shape: [2], values: [4, 0.25] },
      count: { shape: [], values: [9] },
    };
    const source = sequential(
      [2],
      [
        { className: 'Normalization', weights },
        { className: 'Rescaling', config: { scale: 10, offset: 1 } },
      ],
    );
    expect(await compute(source, [5, 3])).toEqual([21, 21]);
    const given = sequential([2], [{ className: 'Normalization', config: { mean: [1, 2], variance: [4, 0.25] } }]);
    expect(await compute(given, [5, 3])).toEqual([2, 2]);
    const one = sequential([2], [{ className: 'Normalization', config: { mean: 1, variance: [4] } }]);
    expect(await compute(one, [5, 3])).toEqual([2, 1]);
  });

  it('a causal Conv1D sees only what was before', async () => {
    const weights = { kernel: { shape: [2, 1, 1], values: [1, 10] }, bias: { shape: [1], values: [0] } };
    const source = sequential(
      [4, 1],
      [{ className: 'Conv1D', config: { filters: 1, kernel_size: [2], padding: 'causal' }, weights }],
    );
    expect(await compute(source, [1, 2, 3, 4])).toEqual([10, 21, 32, 43]);
  });

  it('ReLU with a limit and a slope, ELU with alpha, PReLU with shared axes', async () => {
    const relu = sequential([3], [{ className: 'ReLU', config: { max_value: 2, negative_slope: 0.1 } }]);
    expect(await compute(relu, [-1, 1, 5])).toEqual([-0.1, 1, 2]);
    const elu = sequential([2], [{ className: 'ELU', config: { alpha: 0.5 } }]);
    expect(await compute(elu, [-1, 2])).toEqual([-0.31606, 2]);
    const prelu = sequential(
      [2, 2],
      [{ className: 'PReLU', config: { shared_axes: [1] }, weights: { alpha: { shape: [1, 2], values: [0.5, 2] } } }],
    );
    expect(await compute(prelu, [-1, -1, 3, -2])).toEqual([-0.5, -2, 3, -4]);
  });

  it('Subtract, ZeroPadding1D, and the activations exponential and silu', async () => {
    const subtract = parseLayersModel({
      modelTopology: {
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [
            { class_name: 'InputLayer', name: 'a', config: { batch_input_shape: [null, 2] }, inbound_nodes: [] },
            { class_name: 'InputLayer', name: 'b', config: { batch_input_shape: [null, 2] }, inbound_nodes: [] },
            {
              class_name: 'Subtract',
              name: 's',
              config: { name: 's' },
              inbound_nodes: [
                [
                  ['a', 0, 0, {}],
                  ['b', 0, 0, {}],
                ],
              ],
            },
          ],
          input_layers: [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
          output_layers: [['s', 0, 0]],
        },
      },
      weightSpecs: [],
      weightData: new Uint8Array(0),
    });
    const inputs = [Float32Array.of(5, 1), Float32Array.of(2, 4)];
    for (const engine of ENGINES) {
      expect(Array.from((await runOnce(convertLayersModel(subtract), engine, inputs, 1))[0])).toEqual([3, -3]);
    }
    const padded = sequential([2, 1], [{ className: 'ZeroPadding1D', config: { padding: [1, 2] } }]);
    expect(await compute(padded, [3, 4])).toEqual([0, 3, 4, 0, 0]);
    const grown = sequential([2], [{ className: 'Activation', config: { activation: 'exponential' } }]);
    expect(await compute(grown, [0, 1])).toEqual([1, Math.round(Math.E * 1e5) / 1e5]);
    const silu = sequential([2], [{ className: 'Activation', config: { activation: 'silu' } }]);
    expect(await compute(silu, [0, 1])).toEqual([0, 0.73106]);
  });

  it('Permute, Reshape with an open dimension, Softmax over another axis', async () => {
    const source = sequential(
      [2, 3],
      [
        { className: 'Permute', config: { dims: [2, 1] } },
        { className: 'Reshape', config: { target_shape: [-1, 3] } },
      ],
    );
    expect(await compute(source, [1, 2, 3, 4, 5, 6])).toEqual([1, 4, 2, 5, 3, 6]);
    const softmax = sequential([2, 2], [{ className: 'Softmax', config: { axis: 1 } }]);
    expect(await compute(softmax, [0, Math.log(3), 0, 0])).toEqual([0.5, 0.75, 0.5, 0.25]);
  });

  it('weights stored as uint8, uint16 and float16 are expanded', async () => {
    const config = { name: 'd', units: 1, batch_input_shape: [null, 2] };
    const topology = { class_name: 'Sequential', config: [{ class_name: 'Dense', config }] };
    const source = parseLayersModel({
      modelTopology: topology,
      weightSpecs: [
        { name: 'd/kernel', shape: [2, 1], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
        { name: 'd/bias', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } },
      ],
      weightData: Uint8Array.of(2, 6, 0x00, 0x3e),
    });
    expect(await compute(source, [3, 1])).toEqual([3.5]);
  });
});

describe('reading from disk', () => {
  const model = {
    format: 'layers-model',
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 'm',
        layers: [
          { class_name: 'Dense', config: { name: 'd', units: 1, use_bias: false, batch_input_shape: [null, 2] } },
        ],
      },
    },
    weightsManifest: [
      { paths: ['w1.bin', 'w2.bin'], weights: [{ name: 'd/kernel', shape: [2, 1], dtype: 'float32' }] },
    ],
  };
  const bytes = Buffer.from(Float32Array.of(2, 3).buffer);
  const write = (name: string, content: unknown): string => {
    const file = path.join(folder, name);
    writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return file;
  };

  it('takes a folder or a file, with weights in several parts', async () => {
    write('model.json', model);
    write('w1.bin', bytes.subarray(0, 3));
    write('w2.bin', bytes.subarray(3));
    expect(await compute(await readLayersModel(folder), [1, 1])).toEqual([5]);
    expect(await compute(await readLayersModel(path.join(folder, 'model.json')), [1, 2])).toEqual([8]);
  });

  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['no JSON', 'x', /is no JSON/],
    ['no model', {}, /is no LayersModel/],
    ['a graph model', { ...model, format: 'graph-model' }, /is a GraphModel/],
    [
      'a path that leads elsewhere',
      { ...model, weightsManifest: [{ paths: ['../w.bin'], weights: [] }] },
      /lies outside of the folder/,
    ],
    [
      'a missing weight file',
      { ...model, weightsManifest: [{ paths: ['none.bin'], weights: [] }] },
      /none\.bin: cannot be read/,
    ],
    [
      'weights of another size',
      { ...model, weightsManifest: [{ paths: ['w1.bin'], weights: model.weightsManifest[0].weights }] },
      /d\/kernel: lies outside of the 3 bytes/,
    ],
    [
      'an open dimension',
      {
        ...model,
        modelTopology: {
          class_name: 'Sequential',
          config: [{ class_name: 'Dense', config: { name: 'd', batch_input_shape: [null, null] } }],
        },
      },
      /only the batch may be open/,
    ],
    [
      'another kind of model',
      { ...model, modelTopology: { class_name: 'RNN', config: {} } },
      /is a RNN; only Sequential and functional/,
    ],
  ];
  it.each(broken)('refuses %s in one clear line', async (_, content, message) => {
    const file = write('broken.json', content);
    await expect(readLayersModel(file)).rejects.toThrow(message);
  });
});
