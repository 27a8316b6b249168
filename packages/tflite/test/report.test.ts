import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { compareEngines, describeModel, runModel } from '../src/inspect/index.ts';
import type { Model } from '../src/model/index.ts';
import { calibrateModel, layerCosts, tensorErrors, toDynamicRange, toFloat16, toInt8 } from '../src/quantize/index.ts';
import { normals, randomStream } from './support/engines.ts';

const BATCH = 64;

/** Three layers; the second has one huge weight, for an input that is tiny: it spoils the scale and nothing else. */
function float(spoil: number): Model {
  const random = randomStream(1);
  const g = new GraphBuilder();
  const x = g.input('x', 8);
  const dense = (name: string, from: Parameters<typeof g.fullyConnected>[0], spoil = 0) => {
    const weights = normals(random, 64, 0.3);
    if (spoil > 0) weights[5] = spoil;
    else if (name === 'first') weights.fill(0.001, 40, 48);
    return g.fullyConnected(
      from,
      g.constant(`${name}/w`, [8, 8], weights),
      g.constant(`${name}/b`, [8], normals(random, 8, 0.001)),
      'none',
      name,
    );
  };
  g.output('y', dense('third', dense('second', dense('first', x), spoil)));
  return g.build();
}

const rows = normals(randomStream(2), BATCH * 8);
const source = float(0);
const spoiled = float(60);
const ranges = calibrateModel(source, [rows]);

describe('reports of quantisation', () => {
  it('errors build up through the graph, tensor by tensor', () => {
    const { model, report } = toInt8(source, ranges);
    const errors = tensorErrors(source, model, [rows], BATCH);
    expect(errors.map((error) => error.tensor)).toEqual(['first', 'second', 'third']);
    expect(errors.every((error) => error.relative > 0 && error.relative < 0.2)).toBe(true);
    expect(report).toEqual({ quantized: ['first', 'second', 'third'], float: [], saturatedBias: {} });
  });

  it('names the layer that costs accuracy, and keeping it in float pays', () => {
    const spoiledRanges = calibrateModel(spoiled, [rows]);
    const costs = layerCosts(spoiled, spoiledRanges, [rows], BATCH);
    expect(costs[0].layer).toBe('second');
    const error = (model: Model): number => tensorErrors(spoiled, model, [rows], BATCH).at(-1)?.relative ?? NaN;
    expect(error(toInt8(spoiled, spoiledRanges, { keepFloat: ['second'] }).model)).toBeLessThan(
      error(toInt8(spoiled, spoiledRanges).model) / 2,
    );
  });

  it('sums of which one part is tiny stay float, since XNNPACK takes no such scales', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 8);
    const shifted = g.add(x, g.row('tiny', new Float32Array(8).fill(1e-4)), 'none', 'shifted');
    g.output('y', g.add(shifted, g.row('fair', new Float32Array(8).fill(0.5)), 'none', 'sum'));
    const model = g.build();
    expect(toInt8(model, calibrateModel(model, [rows])).report).toMatchObject({
      quantized: ['sum'],
      float: ['shifted'],
    });
  });

  it('float16 halves the weights and costs little, dynamic range quarters them', () => {
    const bytes = (model: Model): number =>
      Object.values(describeModel(model).constantBytes).reduce((sum, each) => sum + each, 0);
    const half = toFloat16(source);
    const dynamic = toDynamicRange(source, { minElements: 0 });
    expect(bytes(half)).toBe(bytes(source) / 2);
    expect(bytes(dynamic)).toBe(3 * 64 + 3 * 8 * 4);
    expect(tensorErrors(source, half, [rows], BATCH).at(-1)?.relative).toBeLessThan(2e-3);
    expect(tensorErrors(source, dynamic, [rows], BATCH).at(-1)?.relative).toBeLessThan(0.1);
  });
});

describe('inspection', () => {
  it('summarises a model as plain data', () => {
    const summary = describeModel(toInt8(source, ranges).model);
    expect(summary.operators.map((operator) => operator.op)).toEqual([
      'QUANTIZE',
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
      'DEQUANTIZE',
    ]);
    expect(summary).toMatchObject({
      multiplications: 192,
      constantBytes: { int8: 192, int32: 96 },
      inputs: [{ name: 'x', shape: [-1, 8] }],
    });
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('computes rows in several batches where all at once would take too much memory', async () => {
    const g = new GraphBuilder();
    const ones = g.constant('w', [300_000, 2], new Float32Array(600_000).fill(1));
    const wide = g.fullyConnected(g.input('x', 2), ones, null);
    g.output('y', g.reduceMax(wide, [1], true));
    g.output('x2', g.reduceMax(g.add(wide, wide), [1], true));
    const model = g.build();
    // Computed tensors of 3.6 MB a row: more than a thousand rows at once are refused.
    const rows = Float32Array.from({ length: 2 * 1100 }, (_, i) => i);
    const expected = Array.from({ length: 1100 }, (_, row) => 4 * row + 1);
    const [once, twice] = await runModel(model, [rows], 1100, { engine: 'wasm' });
    expect(Array.from(once)).toEqual(expected);
    expect(Array.from(twice)).toEqual(expected.map((value) => 2 * value));
  });

  it('compares engines with the reference, and says which are missing', async () => {
    const { differences, missing } = await compareEngines(source, [rows], BATCH);
    expect(missing).toEqual({});
    expect(differences.map((each) => [each.engine, each.output])).toEqual([
      ['native', 'y'],
      ['wasm', 'y'],
    ]);
    expect(differences.every((each) => each.relative < 1e-6)).toBe(true);
    const without = await compareEngines(source, [rows], BATCH, ['native'], { libraryPath: '/nowhere' });
    expect(without.missing.native).toContain('/nowhere does not exist');
  });
});
