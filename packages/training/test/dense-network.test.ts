import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import { DenseNetwork } from '../src/network/dense-network.ts';
import type { Activation, Loss } from '../src/network/network-shape.ts';
import { HUBER_BOUND } from '../src/network/scalar-functions.ts';
import { initialParameters } from '../src/network/initialise.ts';
import { fillBatch, TABLE_SIZE } from './support/random-network.ts';

const CLEAN = { noise: 0, masking: false };

function networkOf(
  widths: number[],
  activation: Activation,
  loss: Loss,
  rows: number,
  groups?: Uint32Array[],
): DenseNetwork {
  const network = new DenseNetwork({
    widths,
    activation,
    loss,
    capacity: rows,
    tableSize: TABLE_SIZE,
    dropoutSize: TABLE_SIZE,
    ...(groups ? { groups } : {}),
  });
  const random = new SeededRandom(11);
  const parameters = initialParameters(network.layout, random, groups);
  const biases = biasesOf(network);
  for (let i = 0; i < parameters.length; i++) {
    const shift = 0.2 * (random.uniform() - 0.5);
    if (parameters[i] !== 0 || biases.has(i)) parameters[i]! += shift;
  }
  network.parameters = parameters;
  fillBatch(network, random);
  return network;
}

/** Where the biases are among the parameters. */
function biasesOf(network: DenseNetwork): Set<number> {
  const places = new Set<number>();
  let at = 0;
  for (const { inputs, outputs } of network.layout.layers) {
    at += inputs * outputs;
    for (let i = 0; i < outputs; i++) places.add(at++);
  }
  return places;
}

/** The network in plain float64: outputs of every layer for one row, with `drop` after dropout. */
function forward(
  network: DenseNetwork,
  parameters: Float64Array,
  activation: Activation,
  row: number,
  drop = false,
): number[][] {
  const width = network.layout.layers[0]!.inputs;
  const outputs = [Array.from(network.rows.subarray(row * network.stride, row * network.stride + width))];
  let at = 0;
  for (const [index, { inputs, outputs: units }] of network.layout.layers.entries()) {
    const x = outputs.at(-1)!;
    const y = Array.from({ length: units }, (_, unit) => {
      let sum = parameters[at + inputs * units + unit]!;
      for (let i = 0; i < inputs; i++) sum += x[i]! * parameters[at + i * units + unit]!;
      if (index === network.layout.layers.length - 1) return sum;
      const factor = drop ? network.dropout[index]![network.offsets[row]! / 4 + unit]! : 1;
      if (activation === 'tanh') return factor * Math.tanh(sum);
      if (activation === 'elu') return factor * (sum > 0 ? sum : Math.expm1(sum));
      return factor * Math.max(0, sum);
    });
    outputs.push(y);
    at += (inputs + 1) * units;
  }
  return outputs;
}

function meanLoss(
  network: DenseNetwork,
  parameters: Float64Array,
  activation: Activation,
  loss: Loss,
  rows: number,
  drop: boolean,
) {
  let sum = 0;
  let values = 0;
  for (let row = 0; row < rows; row++) {
    const layers = forward(network, parameters, activation, row, drop);
    for (const [i, output] of layers.at(-1)!.entries()) {
      const r = Math.abs(output - layers[0]![i]!);
      if (loss === 'log-cosh') sum += 2 * Math.log(Math.cosh(r));
      else sum += loss === 'mse' || r <= HUBER_BOUND ? r * r : HUBER_BOUND * (2 * r - HUBER_BOUND);
      values++;
    }
  }
  return sum / values;
}

describe('DenseNetwork', () => {
  it.each([
    ['relu', 'mse', false],
    ['tanh', 'mse', false],
    ['elu', 'mse', false],
    ['elu', 'huber', false],
    ['relu', 'log-cosh', false],
    ['relu', 'mse', true],
    ['tanh', 'huber', true],
    ['elu', 'mse', true],
  ] as const)('has the gradients of finite differences: %s, %s, dropout %s', (activation, loss, dropout) => {
    const rows = 131; // more than one part, and no multiple of a block
    const network = networkOf([5, 9, 3, 9, 5], activation, loss, rows);
    const total = network.accumulateGradients(0, rows, { ...CLEAN, dropout });
    const parameters = Float64Array.from(network.parameters);
    expect(total / (rows * 5)).toBeCloseTo(meanLoss(network, parameters, activation, loss, rows, dropout), 5);
    const gradients = network.gradients;
    for (let i = 0; i < parameters.length; i++) {
      const kept = parameters[i]!;
      const step = 1e-6; // small, so that hardly a ReLU changes sides
      parameters[i] = kept + step;
      const above = meanLoss(network, parameters, activation, loss, rows, dropout);
      parameters[i] = kept - step;
      const below = meanLoss(network, parameters, activation, loss, rows, dropout);
      parameters[i] = kept;
      const wanted = (above - below) / (2 * step);
      expect(Math.abs(gradients[i]! - wanted)).toBeLessThan(2e-5 + 1e-3 * Math.abs(wanted));
    }
  });

  it('has the gradients of finite differences within groups, and none between', () => {
    const rows = 131;
    const groups = [
      [0, 1, 0, 1, 1],
      [0, 0, 0, 1, 1, 1, 1, 1, 1],
      [0, 1, 1],
      [0, 0, 0, 1, 1, 1, 1, 1, 1],
      [0, 1, 0, 1, 1],
    ].map((ofUnit) => Uint32Array.from(ofUnit));
    const network = networkOf([5, 9, 3, 9, 5], 'elu', 'mse', rows, groups);
    network.accumulateGradients(0, rows, { ...CLEAN, dropout: true });
    const parameters = Float64Array.from(network.parameters);
    const gradients = network.gradients;
    const between: number[] = [];
    let within = 0;
    for (let i = 0; i < parameters.length; i++) {
      if (parameters[i] === 0) {
        between.push(gradients[i]!);
        continue;
      }
      within++;
      const kept = parameters[i]!;
      const step = 1e-6;
      parameters[i] = kept + step;
      const above = meanLoss(network, parameters, 'elu', 'mse', rows, true);
      parameters[i] = kept - step;
      const below = meanLoss(network, parameters, 'elu', 'mse', rows, true);
      parameters[i] = kept;
      const wanted = (above - below) / (2 * step);
      expect(Math.abs(gradients[i]! - wanted)).toBeLessThan(2e-5 + 1e-3 * Math.abs(wanted));
    }
    // 2 x 3 + 3 x 6 weights of the outer layers, 3 x 1 + 6 x 2 of the inner, on both sides, and all biases.
    expect(within).toBe(2 * (24 + 15) + 9 + 3 + 9 + 5);
    expect(between.map(Math.abs)).toEqual(Array(2 * (21 + 12)).fill(0));
  });

  it('reconstructs as the definition says, at widths that need padding', () => {
    const network = networkOf([13, 7, 13], 'relu', 'mse', 6);
    const outputs = network.reconstruct(0, 6).slice();
    const parameters = Float64Array.from(network.parameters);
    for (let row = 0; row < 6; row++) {
      const wanted = forward(network, parameters, 'relu', row).at(-1)!;
      for (let i = 0; i < 13; i++) expect(outputs[row * network.stride + i]).toBeCloseTo(wanted[i]!, 5);
    }
  });

  it('takes the steps of Adam with decoupled weight decay', () => {
    const network = networkOf([4, 3, 4], 'tanh', 'mse', 20);
    const random = new SeededRandom(1);
    const weights = Float64Array.from(network.parameters);
    const m = new Float64Array(weights.length);
    const v = new Float64Array(weights.length);
    for (let step = 1; step <= 5; step++) {
      random.shuffle(network.order);
      network.train(0, 16, CLEAN, { learningRate: 0.01, weightDecay: 0.1 });
      const gradients = network.gradients;
      for (let i = 0; i < weights.length; i++) {
        m[i] = 0.9 * m[i]! + 0.1 * gradients[i]!;
        v[i] = 0.999 * v[i]! + 0.001 * gradients[i]! ** 2;
        const rate = (0.01 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
        weights[i] = weights[i]! * (1 - 0.01 * 0.1) - (rate * m[i]!) / (Math.sqrt(v[i]!) + 1e-8);
      }
    }
    const trained = network.parameters;
    for (let i = 0; i < weights.length; i++) expect(trained[i]).toBeCloseTo(weights[i]!, 5);
  });

  it('adds noise and masks as the table says, and leaves the padding alone', () => {
    const network = networkOf([5, 4, 5], 'relu', 'mse', 3);
    for (let i = 0; i < network.noise.length; i++) network.noise[i] = i % 2;
    network.offsets.set([0, 4, 8]);
    const clean = network.accumulateGradients(0, 3, CLEAN);
    const gradients = network.gradients;
    const noisy = network.accumulateGradients(0, 3, { noise: 0.5, masking: false });
    expect(noisy).not.toBe(clean);
    // The same corruption by hand: rows shifted by 0.5 where the table has a 1, against the clean targets.
    const parameters = Float64Array.from(network.parameters);
    const targets = network.rows.slice();
    for (let row = 0; row < 3; row++) {
      for (let i = 0; i < 5; i++) network.rows[row * network.stride + i]! += 0.5 * ((row + i) % 2);
    }
    let wanted = 0;
    for (let row = 0; row < 3; row++) {
      for (const [i, output] of forward(network, parameters, 'relu', row).at(-1)!.entries()) {
        wanted += (output - targets[row * network.stride + i]!) ** 2;
      }
    }
    expect(noisy).toBeCloseTo(wanted, 4);
    network.rows.set(targets);
    network.mask.fill(1);
    expect(network.accumulateGradients(0, 3, { noise: 0, masking: true })).toBe(clean);
    expect(network.gradients).toEqual(gradients);
    network.mask.fill(0);
    expect(network.accumulateGradients(0, 3, { noise: 0, masking: true })).not.toBe(clean);
  });
});
