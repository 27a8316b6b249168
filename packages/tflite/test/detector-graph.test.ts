import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { loadEngine, loadModelEngine } from '../src/engines/index.ts';
import { pruneModel, readModel, writeModel, type Model } from '../src/model/index.ts';
import {
  appendDenseChain,
  appendQuantizedChain,
  calibrateChain,
  quantizeChain,
  type DenseLayer,
} from '../src/quantize/index.ts';
import { ENGINES, normals, outputArrays, randomStream, relativeError, runOnce, stepError } from './support/engines.ts';

const WIDTH = 12;

function chain(seed: number): DenseLayer[] {
  const random = randomStream(seed);
  const sizes = [WIDTH, 16, 5, 16, WIDTH];
  return sizes.slice(1).map((units, i): DenseLayer => {
    const width = sizes[i];
    return {
      name: `layer${i}`,
      width,
      units,
      weights: normals(random, width * units, 1 / Math.sqrt(width)),
      bias: normals(random, units, 0.1),
      activation: i === 3 ? 'none' : i === 1 ? 'tanh' : 'relu',
    };
  });
}

/** A small detector: raw features, logarithm and scaling, autoencoder, residual, score and reconstruction. */
function detector(precision: 'float32' | 'int8'): Model {
  const layers = chain(1);
  const g = new GraphBuilder();
  const features = g.input('features', WIDTH);
  const clipped = g.minimum(g.maximum(features, g.scalar(0)), g.scalar(1000));
  const scaled = g.mul(g.log(g.add(clipped, g.scalar(1))), g.scalar(0.4), 'none', 'transformed');
  const rows = normals(randomStream(9), 200 * WIDTH).map((value) => Math.log(1 + Math.abs(value) * 3) * 0.4);
  const reconstructed =
    precision === 'float32'
      ? appendDenseChain(g, scaled, layers, 'autoencoder')
      : appendQuantizedChain(g, scaled, quantizeChain(layers, calibrateChain(layers, rows)), 'autoencoder');
  const squares = g.square(g.sub(scaled, reconstructed, 'none', 'residual'));
  const ones = g.constant('ones', [1, WIDTH], new Float32Array(WIDTH).fill(1 / WIDTH));
  g.output('score', g.reshape(g.fullyConnected(squares, ones, null), [-1], 'score'));
  g.output('expected', g.sub(g.exp(g.mul(reconstructed, g.scalar(2.5))), g.scalar(1), 'none', 'expected'));
  g.output('feature_error', squares);
  return g.build();
}

const BATCH = 33;
const raw = normals(randomStream(4), BATCH * WIDTH).map((value) => Math.abs(value) * 3);

describe('a detector graph', () => {
  it.each(['float32', 'int8'] as const)('%s: all engines agree on all outputs', async (precision) => {
    const model = readModel(writeModel(detector(precision)));
    const expected = await runOnce(model, 'reference', [raw], BATCH);
    for (const name of ENGINES) {
      const actual = await runOnce(model, name, [raw], BATCH);
      expected.forEach((output, i) =>
        expect(relativeError(output, actual[i]), `${name} output ${i}`).toBeLessThan(1e-5),
      );
    }
  });

  it('computes only the outputs that are asked for', async () => {
    const bytes = writeModel(detector('float32'));
    for (const name of ENGINES) {
      const engine = await loadEngine(bytes, { engine: name, outputs: ['score'] });
      expect(engine.outputs.map((output) => output.name)).toEqual(['score']);
      engine.resize(BATCH);
      const outputs = outputArrays(engine);
      engine.run([raw], outputs);
      const [all] = await runOnce(detector('float32'), 'reference', [raw], BATCH);
      expect(relativeError(all, outputs[0])).toBeLessThan(1e-5);
      engine.dispose();
      expect(() => engine.run([raw], outputs)).toThrow('disposed');
    }
    await expect(loadEngine(bytes, { outputs: ['nothing'] })).rejects.toThrow(
      'output nothing: is not in the model, which has score, expected',
    );
  });

  it('gives up the bare autoencoder', async () => {
    const model = detector('int8');
    const bare = pruneModel(model, { inputs: ['autoencoder/quantized'], outputs: ['autoencoder/layer3'] });
    expect(bare.subgraphs[0].operators.map((operator) => operator.op)).toEqual([
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
      'TANH',
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
    ]);
    expect(bare.buffers.length).toBe(1 + 8);
    const rows = Int8Array.from({ length: BATCH * WIDTH }, (_, i) => ((i * 37) % 256) - 128);
    const [expected] = await runOnce(bare, 'reference', [rows], BATCH);
    for (const name of ENGINES) {
      const [actual] = await runOnce(bare, name, [rows], BATCH);
      expect(stepError(expected, actual).steps, `${name}`).toBe(0);
    }
  });

  it('says which engine was chosen and why', async () => {
    const lines: string[] = [];
    const engine = await loadModelEngine(detector('float32'), { log: (line) => lines.push(line) });
    expect(lines).toEqual([`engine native (${engine.detail}): the fastest one is available`]);
    engine.dispose();
    const other = await loadModelEngine(detector('float32'), {
      libraryPath: '/nowhere/lib.so',
      log: (line) => lines.push(line),
    });
    expect(other.name).toBe('wasm');
    expect(lines[1]).toContain('no native engine: the library /nowhere/lib.so does not exist');
    other.dispose();
  });

  it('resizes back and forth and refuses arrays that do not fit', async () => {
    const model = detector('float32');
    for (const name of ENGINES) {
      const engine = await loadModelEngine(model, { engine: name });
      for (const batch of [1, 7, 64, 1, 33, 2, 5, 6, 7, 64]) {
        engine.resize(batch);
        const outputs = outputArrays(engine);
        const part = raw.subarray(0, Math.min(batch, BATCH) * WIDTH);
        const inputs = new Float32Array(batch * WIDTH);
        inputs.set(part);
        engine.run([inputs], outputs);
        const [expected] = await runOnce(model, 'reference', [inputs], batch);
        expect(relativeError(expected, outputs[0]), `${name} at ${batch}`).toBeLessThan(1e-5);
      }
      expect(() => engine.run([new Float32Array(3)], outputArrays(engine))).toThrow(
        'input features: got 3 values, shape [64, 12] needs 768',
      );
      expect(() => engine.run([new Int8Array(768) as never], outputArrays(engine))).toThrow(
        'is float32, got a Int8Array',
      );
      expect(() => engine.resize(0)).toThrow('batch');
      engine.dispose();
    }
  });
});
