import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineConfigSchema, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { describe, expect, it } from 'vitest';
import { TensorFlowGradients } from '../src/backend/tensorflow-gradients.ts';
import type { MakeGradients } from '../src/backend/gradient-backend.ts';
import { type RowStore, RowStoreBuilder, trainAutoencoder, type TrainedAutoencoder } from '../src/index.ts';
import { buildLayersModel } from '../src/model/layers-model.ts';
import { loadTensorFlow } from '../src/model/tensorflow.ts';
import { verifyModel } from '../src/model/verify.ts';
import { VARIANCE_FLOOR } from '../src/network/batch-normalisation.ts';
import { DenseNetwork } from '../src/network/dense-network.ts';
import { initialParameters } from '../src/network/initialise.ts';
import type { Activation } from '../src/network/network-shape.ts';
import { fillBatch, TABLE_SIZE } from './support/random-network.ts';

const CLEAN = { noise: 0, masking: false };
const WIDTHS = [5, 9, 3, 9, 5];
/** More than a part without normalisation, and no multiple of a block. */
const ROWS = 131;

const pause = async (): Promise<void> => {};

/** With groups, weights between them stay zero and scales and biases do not. */
function networkOf(activation: Activation, groups?: Uint32Array[]): DenseNetwork {
  const network = new DenseNetwork({
    widths: WIDTHS,
    activation,
    loss: 'mse',
    capacity: ROWS,
    tableSize: TABLE_SIZE,
    dropoutSize: TABLE_SIZE,
    normalisedRows: ROWS,
    ...(groups ? { groups } : {}),
  });
  const random = new SeededRandom(11);
  const parameters = initialParameters(network.layout, random, groups);
  network.parameters = parameters.map((value) => (value === 0 ? 0 : value + 0.3 * (random.uniform() - 0.5)));
  fillBatch(network, random);
  return network;
}

/** The mean loss of a batch of all rows in plain float64, after the definition of Ioffe and Szegedy. */
function meanLoss(network: DenseNetwork, parameters: Float64Array, activation: Activation, drop: boolean): number {
  const { layers } = network.layout;
  const width = WIDTHS[0]!;
  const targets = Array.from({ length: ROWS }, (_, row) =>
    Array.from(network.rows.subarray(row * network.stride, row * network.stride + width)),
  );
  let values = targets;
  let at = 0;
  let scale = layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
  for (const [index, { inputs, outputs }] of layers.entries()) {
    const z = values.map((x) =>
      Array.from({ length: outputs }, (_, unit) =>
        x.reduce((sum, v, i) => sum + v * parameters[at + i * outputs + unit]!, 0),
      ),
    );
    const biases = parameters.subarray(at + inputs * outputs, at + (inputs + 1) * outputs);
    at += (inputs + 1) * outputs;
    if (index === layers.length - 1) {
      values = z.map((row) => row.map((value, unit) => value + biases[unit]!));
      break;
    }
    const mean = biases.map((_, unit) => z.reduce((sum, row) => sum + row[unit]!, 0) / ROWS);
    const variance = biases.map((_, unit) => z.reduce((sum, row) => sum + (row[unit]! - mean[unit]!) ** 2, 0) / ROWS);
    values = z.map((row, n) =>
      row.map((value, unit) => {
        const normalised = (value - mean[unit]!) / Math.sqrt(variance[unit]! + VARIANCE_FLOOR);
        const u = parameters[scale + unit]! * normalised + biases[unit]!;
        const factor = drop ? network.dropout[index]![network.offsets[n]! / 4 + unit]! : 1;
        if (activation === 'tanh') return factor * Math.tanh(u);
        if (activation === 'elu') return factor * (u > 0 ? u : Math.expm1(u));
        return factor * Math.max(0, u);
      }),
    );
    scale += outputs;
  }
  let sum = 0;
  for (const [row, outputs] of values.entries()) {
    for (const [i, output] of outputs.entries()) sum += (output - targets[row]![i]!) ** 2;
  }
  return sum / (ROWS * width);
}

describe('batch normalisation', () => {
  const groups = [
    [0, 1, 0, 1, 1],
    [0, 0, 0, 1, 1, 1, 1, 1, 1],
    [0, 1, 1],
    [0, 0, 0, 1, 1, 1, 1, 1, 1],
    [0, 1, 0, 1, 1],
  ].map((ofUnit) => Uint32Array.from(ofUnit));

  it.each([
    ['relu', false, undefined],
    ['tanh', false, undefined],
    ['elu', true, undefined],
    ['elu', true, groups],
  ] as const)('has the gradients of finite differences: %s, dropout %s', (activation, dropout, ofUnit) => {
    const network = networkOf(activation, ofUnit && [...ofUnit]);
    const total = network.accumulateGradients(0, ROWS, { ...CLEAN, dropout });
    const parameters = Float64Array.from(network.parameters);
    expect(total / (ROWS * 5)).toBeCloseTo(meanLoss(network, parameters, activation, dropout), 5);
    const gradients = network.gradients;
    const wrong: unknown[] = [];
    let checked = 0;
    const dense = WIDTHS.slice(1).reduce((sum, outputs, i) => sum + (WIDTHS[i]! + 1) * outputs, 0);
    for (let i = 0; i < parameters.length; i++) {
      const kept = parameters[i]!;
      if (ofUnit && kept === 0 && gradients[i] === 0) continue; // between groups
      checked++;
      const step = 1e-6;
      parameters[i] = kept + step;
      const above = meanLoss(network, parameters, activation, dropout);
      parameters[i] = kept - step;
      const below = meanLoss(network, parameters, activation, dropout);
      parameters[i] = kept;
      const wanted = (above - below) / (2 * step);
      if (!(Math.abs(gradients[i]! - wanted) < 3e-5 + 2e-3 * Math.abs(wanted))) wrong.push([i, gradients[i], wanted]);
    }
    expect(wrong).toEqual([]);
    expect(parameters.length).toBe(dense + 9 + 3 + 9);
    expect(checked).toBe(parameters.length - (ofUnit ? 2 * (21 + 12) : 0));
  });

  it('averages the statistics of batches, and reconstructs with them', () => {
    const network = networkOf('tanh');
    const still = { learningRate: 0, weightDecay: 0 };
    network.train(0, ROWS, CLEAN, still);
    const first = network.statistics;
    network.train(3, 64, CLEAN, still);
    const second = network.statistics;
    // The layer's z in float64, of all rows and of 64 of them.
    const moments = (unit: number, from: number, count: number): [number, number] => {
      const { parameters } = network;
      const z = Array.from({ length: count }, (_, n) => {
        let sum = 0;
        for (let i = 0; i < 5; i++) sum += network.rows[(from + n) * network.stride + i]! * parameters[i * 9 + unit]!;
        return sum;
      });
      const mean = z.reduce((a, b) => a + b, 0) / count;
      return [mean, z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)];
    };
    for (let unit = 0; unit < 9; unit++) {
      const [mean, variance] = moments(unit, 0, ROWS);
      expect(first[unit]).toBeCloseTo(mean, 5);
      expect(first[9 + unit]).toBeCloseTo(variance, 4);
      const [partMean, partVariance] = moments(unit, 3, 64);
      const weight = (0.5 * 64) / ROWS;
      expect(second[unit]).toBeCloseTo(mean + weight * (partMean - mean), 5);
      expect(second[9 + unit]).toBeCloseTo(variance + weight * (partVariance - variance), 4);
    }
    network.train(0, 1, CLEAN, still);
    expect(network.statistics).toEqual(second);
    // After one whole batch the chain does in inference what training did, but for the variance's last row.
    const fresh = networkOf('tanh');
    const trained = fresh.train(0, ROWS, CLEAN, still) / ROWS;
    expect(fresh.evaluate(0, ROWS) / ROWS / trained).toBeCloseTo(1, 2);
    expect(Math.abs(fresh.evaluate(0, ROWS) / ROWS / trained - 1)).toBeGreaterThan(1e-7);
  });

  it('refuses a batch that is larger than it was made for', () => {
    const network = networkOf('relu');
    expect(() => network.accumulateGradients(0, 200, CLEAN)).toThrow(RangeError);
  });
});

const WIDTH = 10;

async function rowsOf(rows: number, seed: number): Promise<RowStore> {
  const random = new SeededRandom(seed);
  const values = new Float32Array(rows * WIDTH);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [random.uniform() * 6, random.uniform() * 2];
    for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = Math.sin(a + i) + b * Math.cos(i);
  }
  const builder = new RowStoreBuilder(WIDTH, join(tmpdir(), 'unused.scratch'));
  await builder.append(values);
  return builder.finish();
}

async function train(settings: Record<string, unknown>, makeGradients?: MakeGradients): Promise<TrainedAutoencoder> {
  const { train: config } = PipelineConfigSchema.parse({
    collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
    train: {
      network: { hidden: [16, 6, 16], normalisation: 'batch' },
      epochs: 8,
      batchSize: 64,
      learningRate: 0.005,
      denoising: 0.1,
      ...settings,
    },
  });
  return trainAutoencoder({
    train: await rowsOf(2001, 1), // 32 batches, the last of 17 rows
    validation: await rowsOf(400, 2),
    config,
    seed: 1,
    signal: new AbortController().signal,
    ...(makeGradients ? { makeGradients } : {}),
  });
}

const everything = {
  network: { hidden: [16, 6, 16], normalisation: 'batch', groups: { largest: 4 }, dropout: 0.05 },
  masking: 0.05,
  weightDecay: 0.01,
  trim: 0.02,
};

describe('training with batch normalisation', () => {
  it.each([
    ['alone', {}],
    ['with all else', everything],
  ])('learns, and exports a dense chain that reconstructs the same: %s', async (_name, settings) => {
    const trained = await train(settings);
    expect(trained.history.at(-1)!.validation).toBeLessThan(0.7 * trained.history[0]!.validation);
    const { trim = 0 } = settings as { trim?: number };
    const validation = await trained.validation.trimmedMeanError(trim, pause);
    expect(validation).toBeCloseTo(trained.history[trained.bestEpoch - 1]!.validation, 6);
    const { layers } = trained.network.layout;
    const dense = layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
    expect(trained.parameters.length).toBe(dense);
    const model = await buildLayersModel(trained.network.layout, 'relu', trained.parameters);
    expect(model.layers.map((layer) => layer.getClassName())).toEqual(Array(4).fill('Dense'));
    expect(await verifyModel(model, trained, pause)).toBeLessThan(1e-4);
    model.dispose();
  });

  it('repeats bit for bit, and is not the network without it', async () => {
    const [once, again] = [await train(everything), await train(everything)];
    expect(again.parameters).toEqual(once.parameters);
    expect(again.history).toEqual(once.history);
    const plain = await train({ ...everything, network: { ...everything.network, normalisation: 'none' } });
    expect(plain.parameters).not.toEqual(once.parameters);
  });

  it('is the same on gradients by TensorFlow.js operations but for rounding', async () => {
    const { tf } = await loadTensorFlow();
    const kernels = await train(everything);
    const operations = await train(everything, (network, shape) => new TensorFlowGradients(tf, network, shape));
    expect(operations.history.length).toBe(kernels.history.length);
    for (const [i, { validation }] of operations.history.entries()) {
      expect(validation / kernels.history[i]!.validation).toBeCloseTo(1, 2);
    }
  });

  it('refuses batches of one row', async () => {
    await expect(train({ batchSize: 1 })).rejects.toThrow(UserError);
    await expect(train({ batchSize: 1 })).rejects.toThrow(/train\.batchSize: .*raise it/);
  });
});
