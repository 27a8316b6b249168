import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { runModel, verifyConversion, type SourceOracle } from '../src/inspect/index.ts';
import { convertLayersModel, convertWithReport, type LayersModel } from '../src/layers/index.ts';
import { isConstant, type EngineData, type Model } from '../src/model/index.ts';
import { normals, randomStream } from './support/engines.ts';
import { predict, randomizeWeights, saved } from './support/tfjs.ts';

const WIDTH = 6;
const rows = normals(randomStream(5), 200 * WIDTH);

async function prepare(): Promise<{ source: LayersModel; float: Model; oracle: SourceOracle }> {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 12, activation: 'relu', inputShape: [WIDTH], name: 'wide' }),
      tfl.layers.dense({ units: 3, activation: 'tanh', name: 'narrow' }),
      tfl.layers.dense({ units: WIDTH, name: 'last' }),
    ],
  });
  randomizeWeights(model, randomStream(3));
  const source = await saved(model);
  const oracle: SourceOracle = {
    name: 'TensorFlow.js',
    run: (inputs, count) => Promise.resolve(predict(model, inputs as Float32Array[], count)),
  };
  return { source, float: convertLayersModel(source), oracle };
}

/** The model with one weight of its first constant moved. */
function damaged(model: Model): Model {
  const [{ tensors }] = model.subgraphs;
  const { buffer: at } = tensors.find((tensor) => tensor.type === 'float32' && isConstant(model, tensor))!;
  const buffers = model.buffers.map((buffer) => buffer.slice());
  new DataView(buffers[at].buffer, buffers[at].byteOffset).setFloat32(0, 0.9, true);
  return { ...model, buffers };
}

describe('verifyConversion', () => {
  it('compares every engine and the source on ordinary and adversarial rows', async () => {
    const { float, oracle } = await prepare();
    const result = await verifyConversion({ float, model: float, precision: 'float32', source: oracle });
    expect(result.failures).toEqual([]);
    expect(result.missing).toEqual({});
    expect(Object.keys(result.rows)).toEqual([
      'normal deviates',
      'zeros and the smallest',
      'tiny',
      'large',
      'very large',
    ]);
    expect(result.outputs).toHaveLength(3 * 5);
    expect(Math.max(...result.outputs.map(({ relative }) => relative))).toBeLessThan(1e-5);
  });

  it('says what int8 costs, layer by layer', async () => {
    const { source, float, oracle } = await prepare();
    const { model, ranges } = convertWithReport(source, { precision: 'int8', representative: [rows] });
    const result = await verifyConversion({
      float,
      model,
      precision: 'int8',
      ranges: ranges!,
      source: oracle,
      representative: [rows],
    });
    expect(result.failures).toEqual([]);
    expect(result.rows).toMatchObject({ representative: 200, 'extremes of the rows and ten times beyond': 8 });
    expect(result.layers.at(-1)!.relative).toBeGreaterThan(1e-3);
    expect(result.layers.at(-1)!.relative).toBeLessThan(0.1);
    expect(result.layerCosts.length).toBeGreaterThanOrEqual(3);
  });

  it.each(['float16', 'dynamic'] as const)('passes %s, and says what it costs', async (precision) => {
    const { source, float, oracle } = await prepare();
    const { model } = convertWithReport(source, { precision, minElements: 0 });
    const result = await verifyConversion({ float, model, precision, source: oracle });
    expect(result.failures).toEqual([]);
    expect(result.layers.at(-1)!.relative).toBeGreaterThan(1e-5);
    expect(result.layers.at(-1)!.relative).toBeLessThan(0.05);
  });

  it('fails where the source computes something else, and names output, rows and size', async () => {
    const { float, oracle } = await prepare();
    const wrong = damaged(float);
    const result = await verifyConversion({ float: wrong, model: wrong, precision: 'float32', source: oracle });
    expect(result.failures[0]).toMatch(
      /^output .+ of the float32 form, normal deviates: TensorFlow\.js is .+ limit 0\.00001$/,
    );
  });

  it('asks for rows that an embedding has, so that the source computes them too', async () => {
    const index = tfl.input({ shape: [3], name: 'index' });
    const table = tfl.layers.embedding({ inputDim: 7, outputDim: 4 });
    const other = tfl.input({ shape: [2], name: 'other' });
    const joined = tfl.layers.concatenate().apply([tfl.layers.flatten().apply(table.apply(index)) as never, other]);
    const model = tfl.model({
      inputs: [index, other],
      outputs: tfl.layers.dense({ units: 2 }).apply(joined) as tfl.SymbolicTensor,
    });
    randomizeWeights(model, randomStream(3));
    const seen = new Set<number>();
    const source: SourceOracle = {
      name: 'TensorFlow.js',
      run: async (inputs, count) => {
        const outputs = predict(model, inputs as Float32Array[], count);
        for (const value of inputs[0]) seen.add(value);
        return outputs;
      },
    };
    const float = convertLayersModel(await saved(model));
    const result = await verifyConversion({ float, model: float, precision: 'float32', source });
    expect(result.outputs.map(({ by, rows: group }) => `${by}, ${group}`)).toContain('TensorFlow.js, normal deviates');
    expect([0, 1, 2, 3, 4, 5, 6].filter((each) => !seen.has(each))).toEqual([]);
    expect(result.failures).toEqual([]);
  });

  it('allows for what the order of very long sums makes of rounding', async () => {
    const random = randomStream(9);
    const width = 8192;
    const g = new GraphBuilder();
    const weights = g.constant('w', [1, width], normals(random, width, 0.02));
    g.output('y', g.fullyConnected(g.input('x', width), weights, null));
    const float = g.build();
    const result = await verifyConversion({ float, model: float, precision: 'float32' });
    expect(result.failures).toEqual([]);
    expect(result.outputs[0].limit).toBeCloseTo((10 * Math.sqrt(width)) / 2 ** 24, 12);
    const outputs = (scale: number): SourceOracle => ({
      name: 'scaled',
      run: async (inputs, count) => {
        const engine = await runModel(float, inputs, count, { engine: 'reference' });
        return engine.map((values) => (values as Float32Array).map((value) => value * scale) as EngineData);
      },
    });
    const wrong = await verifyConversion({ float, model: float, precision: 'float32', source: outputs(1.0002) });
    expect(wrong.failures[0]).toMatch(/scaled is 2\.0e-4 of the largest magnitude/);
  });

  it('counts NaN on one side as the worst difference, and the same infinity as none', async () => {
    const { float, oracle } = await prepare();
    const changed = (value: number): SourceOracle => ({
      name: 'changed',
      run: async (inputs, count) => {
        const outputs = await oracle.run(inputs, count);
        return outputs.map((values) => (values as Float32Array).map((x, i) => (i === 0 ? value : x)) as EngineData);
      },
    });
    const result = await verifyConversion({ float, model: float, precision: 'float32', source: changed(Number.NaN) });
    expect(result.failures[0]).toMatch(/changed is Infinity/);
  });

  it('says once, in one line, why a source computes nothing', async () => {
    const { float } = await prepare();
    const source: SourceOracle = { name: 'lost', run: () => Promise.reject(new Error('unknown.\nDo this.')) };
    const result = await verifyConversion({ float, model: float, precision: 'float32', source });
    expect(result.missing).toEqual({ lost: 'unknown. So no engine was compared with the source' });
    expect(result.failures).toEqual([]);
  });

  it('does not pass a model that no other engine takes, and says why', async () => {
    const { float } = await prepare();
    const [subgraph] = float.subgraphs;
    const operators = subgraph.operators.map((each) => ({ ...each, version: 999 }));
    const model = { ...float, subgraphs: [{ ...subgraph, operators }] };
    const result = await verifyConversion({ float, model, precision: 'float32' });
    expect(result.failures).toEqual(['only 0 of the others computed the model, too few to compare with']);
    expect(Object.keys(result.missing)).toEqual(['native', 'wasm']);
  });
});
