import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineConfigSchema, type TrainConfig, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GradientShape, loadBackend, type MakeGradients } from '../src/backend/gradient-backend.ts';
import { loadTfjsNode } from '../src/backend/load-tfjs-node.ts';
import { TensorFlowGradients } from '../src/backend/tensorflow-gradients.ts';
import { DenseNetwork, RowStoreBuilder, trainAutoencoder, type TrainedAutoencoder } from '../src/index.ts';
import { loadTensorFlow } from '../src/model/tensorflow.ts';
import { initialParameters } from '../src/network/initialise.ts';
import type { Activation, Loss } from '../src/network/network-shape.ts';

const WIDTH = 7;
const ROWS = 200;

/** Why the tests of tfjs-node are skipped; empty when it can be loaded. */
const absent = await loadTfjsNode().then(
  () => '',
  () => ' (skipped: @tensorflow/tfjs-node is not installed or has no library; see packages/training/README.md)',
);

/** TensorFlow.js operations on the WebAssembly backend, which is always there. */
const onWasm = async (): Promise<MakeGradients> => {
  const { tf } = await loadTensorFlow();
  return (network, shape) => new TensorFlowGradients(tf, network, shape);
};

function networkOf(activation: Activation, loss: Loss, normalisedRows?: number): DenseNetwork {
  const widths = [WIDTH, 9, 3, 9, WIDTH];
  const network = new DenseNetwork({
    widths,
    activation,
    loss,
    capacity: ROWS,
    tableSize: 64,
    dropoutSize: 64,
    ...(normalisedRows ? { normalisedRows } : {}),
  });
  const random = new SeededRandom(5);
  network.parameters = initialParameters(network.layout, random).map((value) => value + 0.2 * (random.uniform() - 0.5));
  for (let row = 0; row < ROWS; row++) {
    network.order[row] = (row * 37) % ROWS;
    network.offsets[row] = 4 * random.below(64);
    for (let i = 0; i < WIDTH; i++) network.rows[row * network.stride + i] = 4 * random.uniform() - 2;
  }
  for (let i = 0; i < network.noise.length; i++) {
    network.noise[i] = 2 * random.uniform() - 1;
    network.mask[i] = random.below(5) === 0 ? 0 : 1;
  }
  for (const table of network.dropout)
    for (let i = 0; i < table.length; i++) table[i] = random.below(4) === 0 ? 0 : 4 / 3;
  return network;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeguard-backend-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function train(makeGradients?: MakeGradients): Promise<TrainedAutoencoder> {
  const rowsOf = async (count: number, seed: number) => {
    const random = new SeededRandom(seed);
    const values = new Float32Array(count * WIDTH);
    for (let row = 0; row < count; row++) {
      const [a, b] = [6 * random.uniform(), random.uniform()];
      for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = Math.sin(a + i) + b * Math.cos(i);
    }
    const builder = new RowStoreBuilder(WIDTH, join(folder, `rows-${seed}.scratch`));
    await builder.append(values);
    return builder.finish();
  };
  const config: TrainConfig = PipelineConfigSchema.parse({
    collect: { source: { kind: 'synthetic', durationSeconds: 1 } },
    train: {
      network: { hidden: [16, 4, 16], dropout: 0.05 },
      epochs: 8,
      batchSize: 64,
      denoising: 0.1,
      masking: 0.05,
      weightDecay: 0.01,
    },
  }).train;
  return trainAutoencoder({
    train: await rowsOf(1500, 1),
    validation: await rowsOf(300, 2),
    config,
    seed: 1,
    signal: new AbortController().signal,
    ...(makeGradients ? { makeGradients } : {}),
  });
}

/** Largest difference between two backends, as a share of the largest gradient and of the loss, with and without corruption. */
function differenceOf(network: DenseNetwork, makeGradients: MakeGradients, shape: GradientShape): number {
  let difference = 0;
  for (const corruption of [
    { noise: 0, masking: false },
    { noise: 0.3, masking: true, dropout: true },
  ]) {
    const total = network.accumulateGradients(13, 150, corruption);
    const wanted = network.gradients;
    const found = makeGradients(network, shape).ofBatch(13, 150, corruption);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    difference = Math.max(difference, Math.abs(found.loss / total - 1));
    for (const [i, value] of found.gradients.entries()) {
      difference = Math.max(difference, Math.abs(value - wanted[i]!) / largest);
    }
  }
  return difference;
}

const SHAPES = [
  ['relu', 'mse'],
  ['tanh', 'huber'],
  ['elu', 'log-cosh'],
] as const;

describe('gradients by TensorFlow.js operations', () => {
  it.each(SHAPES)('are those of the kernels: %s, %s', async (activation, loss) => {
    expect(differenceOf(networkOf(activation, loss), await onWasm(), { activation, loss })).toBeLessThan(1e-4);
  });

  it.each(SHAPES)('are those of the kernels with batch normalisation: %s, %s', async (activation, loss) => {
    const shape = { activation, loss, normalisedRows: 150 };
    expect(differenceOf(networkOf(activation, loss, 150), await onWasm(), shape)).toBeLessThan(1e-4);
  });

  it('train the same network but for rounding', async () => {
    const kernels = await train();
    const operations = await train(await onWasm());
    expect(operations.history.length).toBe(kernels.history.length);
    for (const [i, { validation }] of operations.history.entries()) {
      expect(validation / kernels.history[i]!.validation).toBeCloseTo(1, 2);
    }
    expect(operations.parameters).not.toEqual(kernels.parameters);
  });
});

describe('the backend tfjs-node', () => {
  it('is refused in one line with the remedy where it cannot be loaded', async () => {
    const load = loadTfjsNode(async () => {
      throw new Error("Cannot find module 'x'\nRequire stack: …");
    });
    await expect(load).rejects.toThrow(UserError);
    await expect(load).rejects.toThrow(
      /^train\.backend: "tfjs-node" needs @tensorflow\/tfjs-node, which cannot be loaded \(Cannot find module 'x'\); leave train\.backend out, or install it/,
    );
  });

  it.skipIf(absent === '')('is not replaced by another in silence', async () => {
    await expect(loadBackend('tfjs-node')).rejects.toThrow(UserError);
  });

  it.skipIf(absent !== '')(`computes on its own library and names its version${absent}`, async () => {
    const { makeGradients, versions } = await loadBackend('tfjs-node');
    expect(versions).toEqual({ '@tensorflow/tfjs-node': '4.22.0' });
    for (const [activation, loss] of SHAPES) {
      expect(differenceOf(networkOf(activation, loss), makeGradients!, { activation, loss })).toBeLessThan(1e-4);
    }
    const [kernels, library, again] = [await train(), await train(makeGradients), await train(makeGradients)];
    for (const [i, { validation }] of library.history.entries()) {
      expect(validation / kernels.history[i]!.validation).toBeCloseTo(1, 2);
    }
    expect(again.history.at(-1)!.validation).toBeCloseTo(library.history.at(-1)!.validation, 4);
  });
});
