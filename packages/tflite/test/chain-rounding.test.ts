import { describe, expect, it } from 'vitest';
import { randomStream } from '../scripts/fuzz-core.mjs';
import { GraphBuilder } from '../src/builder/index.ts';
import { NativeEngine, ReferenceEngine, type Engine } from '../src/engines/index.ts';
import { loadModelEngine } from '../src/engines/load.ts';
import {
  activate,
  appendDenseChain,
  appendQuantizedChain,
  calibrateChain,
  ChainRounder,
  quantizeChain,
  quantizeWeights,
  type DenseLayer,
} from '../src/quantize/index.ts';

const WIDTH = 24;
const ROWS = 600;
const random = randomStream(7);
const normal = (): number => (random() + random() + random() + random() - 2) * 1.7;

/** Rows near a plane of four dimensions, as what an autoencoder is made for. */
function rowsNearPlane(): Float32Array {
  const basis = Array.from({ length: 4 }, () => Float32Array.from({ length: WIDTH }, normal));
  const rows = new Float32Array(ROWS * WIDTH);
  for (let row = 0; row < ROWS; row++) {
    const at = basis.map(normal);
    for (let i = 0; i < WIDTH; i++) {
      rows[row * WIDTH + i] = at.reduce((sum, a, k) => sum + a * basis[k][i], 0) + 0.05 * normal();
    }
  }
  return rows;
}

function dense(name: string, width: number, units: number, activation: DenseLayer['activation']): DenseLayer {
  const weights = Float32Array.from({ length: width * units }, () => normal() / Math.sqrt(width));
  return { name, width, units, weights, bias: Float32Array.from({ length: units }, normal), activation };
}

const chain = [dense('a', WIDTH, 32, 'relu'), dense('b', 32, 8, 'relu'), dense('c', 8, WIDTH, 'none')];
const rows = rowsNearPlane();
const fitted = rows.subarray(0, (ROWS / 2) * WIDTH);
const others = rows.subarray((ROWS / 2) * WIDTH);
const calibration = calibrateChain(chain, fitted);
const rounder = new ChainRounder(chain, calibration, fitted);

function plain(layers: readonly DenseLayer[], inputs: Float32Array): Float32Array {
  let x = inputs;
  for (const layer of layers) {
    const { width, units, weights, bias } = layer;
    x = Float32Array.from({ length: (x.length / width) * units }, (_, at) => {
      const [row, unit] = [Math.floor(at / units), at % units];
      let sum = bias?.[unit] ?? 0;
      for (let i = 0; i < width; i++) sum += weights[unit * width + i] * x[row * width + i];
      return activate(layer, sum);
    });
  }
  return x;
}

function error(found: Float32Array, wanted: Float32Array): number {
  return Math.sqrt(found.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0) / wanted.length);
}

describe('ChainRounder', () => {
  it('loses less on other rows than rounding to the nearest does', () => {
    const wanted = plain(chain, others);
    const nearest = chain.map((layer) => {
      const { values, scale } = quantizeWeights(layer.weights);
      return { ...layer, weights: Float32Array.from(values, (value) => value * scale) };
    });
    const found = error(plain(rounder.round(0), others), wanted);
    expect(found).toBeLessThan(0.5 * error(plain(nearest, others), wanted));
  });

  it('gives weights that are whole steps, and the mean sums of the float chain', () => {
    for (const layer of rounder.round(2)) {
      const { values, scale } = layer.int8Weights!;
      expect(layer.weights).toEqual(Float32Array.from(values, (value) => value * scale));
    }
    const mean = (x: Float32Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
    expect(mean(plain(rounder.round(0), fitted))).toBeCloseTo(mean(plain(chain, fitted)), 5);
  });

  it('gives the same however it was asked before', () => {
    const fresh = new ChainRounder(chain, calibration, fitted);
    const [two, three] = [fresh.round(2), fresh.round(3)];
    expect(rounder.round(3)).toEqual(three);
    expect(rounder.round(2)).toEqual(two);
  });

  it('takes rows and inputs that never vary', () => {
    const still = new Float32Array(10 * WIDTH).fill(1);
    const layers = new ChainRounder(chain, calibrateChain(chain, still), still).round(1);
    expect(layers.flatMap(({ weights, bias }) => [...weights, ...bias!]).every(Number.isFinite)).toBe(true);
  });

  it.each([1, 2, 3])('%i layers in int8 arithmetic, the rest with int8 weights: engines agree', async (int8Layers) => {
    const rounded = rounder.round(int8Layers);
    const first = quantizeChain(rounded.slice(0, int8Layers), {
      ...calibration,
      layers: calibration.layers.slice(0, int8Layers),
    });
    const g = new GraphBuilder();
    const inner = appendQuantizedChain(g, g.input('x', WIDTH), first, 'ae');
    g.output('y', g.reshape(appendDenseChain(g, inner, rounded.slice(int8Layers), 'ae'), [-1, WIDTH]));
    const model = g.build();
    const stored = model.subgraphs[0].tensors.filter(({ name }) => name.endsWith('/weights'));
    expect(stored.map(({ type }) => type)).toEqual(['int8', 'int8', 'int8']);
    const wanted = run(new ReferenceEngine(model), others);
    // A step of the last int8 tensor, where an engine rounds otherwise.
    const step = int8Layers === 3 ? first.layers[2].output.scale : first.layers[int8Layers - 1].output.scale;
    for (const engine of [new NativeEngine(model), await loadModelEngine(model, { engine: 'wasm' })]) {
      expect(error(run(engine, others), wanted)).toBeLessThan(0.05 * step);
    }
    expect(error(wanted, plain(chain, others))).toBeLessThan(0.05 * Math.max(...plain(chain, others).map(Math.abs)));
  });
});

function run(engine: Engine, inputs: Float32Array): Float32Array {
  engine.resize(inputs.length / WIDTH);
  const y = new Float32Array(inputs.length);
  engine.run([inputs], [y]);
  engine.dispose();
  return y;
}
