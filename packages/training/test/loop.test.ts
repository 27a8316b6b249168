import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineConfigSchema, type TrainConfig, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CheckpointFile,
  DenseNetwork,
  pauseFor,
  type RowStore,
  RowStoreBuilder,
  trainAutoencoder,
  type TrainedAutoencoder,
  type TrainingTask,
  WindowedRows,
} from '../src/index.ts';
import { planChunks } from '../src/loop/chunks.ts';
import { drawOffsets, fillWithMask, fillWithNormalNoise, TABLE_SIZE } from '../src/loop/noise-table.ts';
import { deadUnits } from '../src/health/dead-units.ts';

const WIDTH = 10;
const PAUSE = pauseFor(new AbortController().signal);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeguard-'));
});
afterAll(async () => rm(folder, { recursive: true }));

function configOf(train: Record<string, unknown>): TrainConfig {
  const collect = { source: { kind: 'synthetic', durationSeconds: 1 } };
  const network = { hidden: [16, 4, 16] };
  return PipelineConfigSchema.parse({
    collect,
    train: { network, epochs: 12, batchSize: 64, denoising: 0.1, ...train },
  }).train;
}

/** Rows on a curved surface of two dimensions. */
async function rowsOf(count: number, seed: number, memoryValues?: number): Promise<RowStore> {
  const random = new SeededRandom(seed);
  const builder = new RowStoreBuilder(WIDTH, join(folder, `rows-${seed}.scratch`), memoryValues);
  for (let done = 0; done < count;) {
    const rows = Math.min(700, count - done);
    const values = new Float32Array(rows * WIDTH);
    for (let row = 0; row < rows; row++) {
      const [a, b] = [random.uniform() * 6, random.uniform() * 2];
      for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = Math.sin(a + i) + b * Math.cos(i);
    }
    await builder.append(values);
    done += rows;
  }
  return builder.finish();
}

async function train(
  config: TrainConfig,
  options: { memoryValues?: number; chunkValues?: number; seed?: number } = {},
) {
  const rows = await rowsOf(3000, 1, options.memoryValues);
  const validation = await rowsOf(500, 2);
  const signal = new AbortController().signal;
  const chunk = options.chunkValues === undefined ? {} : { chunkValues: options.chunkValues };
  try {
    return await trainAutoencoder({ train: rows, validation, config, seed: options.seed ?? 1, signal, ...chunk });
  } finally {
    await rows.close();
  }
}

function bytesOf(trained: TrainedAutoencoder): Buffer {
  return Buffer.from(trained.parameters.buffer);
}

describe('trainAutoencoder', () => {
  it('learns to reconstruct, and keeps the best parameters', async () => {
    const trained = await train(configOf({ denoising: 0.05, epochs: 40, patience: 40, learningRate: 0.005 }));
    const best = trained.history[trained.bestEpoch - 1]!;
    expect(best.validation).toBe(Math.min(...trained.history.map(({ validation }) => validation)));
    expect(best.validation).toBeLessThan(0.1 * trained.history[0]!.validation);
    let loss = 0;
    await trained.validation.forEachWindow(PAUSE, (first, count) => {
      loss += trained.network.evaluate(first, count);
    });
    expect(loss / (500 * WIDTH)).toBe(best.validation);
  });

  it('repeats bit for bit, and differs by seed', async () => {
    const config = configOf({});
    const once = await train(config);
    const again = await train(config);
    expect(bytesOf(again).equals(bytesOf(once))).toBe(true);
    expect(again.history).toEqual(once.history);
    expect(bytesOf(await train(config, { seed: 2 })).equals(bytesOf(once))).toBe(false);
  });

  it('gives the same bits from a scratch file as from memory, in chunks', async () => {
    const config = configOf({ epochs: 3 });
    const memory = await train(config, { chunkValues: 16 * 1024 });
    const file = await train(config, { chunkValues: 16 * 1024, memoryValues: 5000 });
    expect(bytesOf(file).equals(bytesOf(memory))).toBe(true);
    expect(memory.history[2]!.validation).toBeLessThan(memory.history[0]!.validation);
    expect(await readdir(folder)).toEqual([]);
  });

  it('learns with units dropped, which evaluation keeps', async () => {
    const network = { hidden: [16, 4, 16], dropout: 0.1 };
    const [plain, dropped] = [await train(configOf({})), await train(configOf({ network }))];
    expect(dropped.history.at(-1)!.validation).toBeLessThan(0.7 * dropped.history[0]!.validation);
    // Dropping shows in the training loss alone.
    const ratio = ({ history }: TrainedAutoencoder) => history.at(-1)!.train / history.at(-1)!.validation;
    expect(ratio(dropped)).toBeGreaterThan(1.1 * ratio(plain));
  });

  it('stops early when the validation loss no longer falls', async () => {
    const trained = await train(configOf({ epochs: 500, patience: 2, learningRate: 0.02 }));
    expect(trained.history.length).toBe(trained.bestEpoch + 2);
    expect(trained.history.length).toBeLessThan(500);
  });

  it('names divergence and the remedy', async () => {
    const config = { ...configOf({}), learningRate: 1e20 };
    await expect(train(config)).rejects.toThrow(UserError);
    await expect(train(config)).rejects.toThrow(/diverged.*lower train\.learningRate/);
  });

  it('finds units that carry nothing', async () => {
    const trained = await train(configOf({ epochs: 1 }));
    const parameters = trained.parameters.slice();
    // Unit 3 of the first hidden layer: no input reaches it, and its bias is below zero.
    for (let i = 0; i < WIDTH; i++) parameters[i * 16 + 3] = 0;
    parameters[WIDTH * 16 + 3] = -1;
    const before = await deadUnits(trained, PAUSE);
    trained.network.parameters = parameters;
    const after = await deadUnits(trained, PAUSE);
    const first = (found: typeof after): number => found.find(({ layer }) => layer === 1)?.dead ?? 0;
    expect(first(after)).toBe(first(before) + 1);
  });

  it('stops between batches when it is interrupted', async () => {
    const controller = new AbortController();
    const rows = await rowsOf(3000, 1);
    const run = trainAutoencoder({
      train: rows,
      validation: await rowsOf(100, 2),
      config: configOf({ epochs: 100_000, patience: 100_000 }),
      seed: 1,
      signal: controller.signal,
      onEpoch: ({ epoch }) => epoch === 2 && controller.abort(new Error('stop')),
    });
    await expect(run).rejects.toThrow('stop');
  });
});

describe('checkpoints', () => {
  const configs: [string, Record<string, unknown>][] = [
    ['plain', {}],
    ['masked, trimmed, decayed, falling rate', { masking: 0.1, trim: 0.05, weightDecay: 0.01, schedule: 'cosine' }],
    ['groups of inputs', { network: { hidden: [16, 8, 16], groups: { largest: 3 }, dropout: 0.05 } }],
    ['batch normalisation', { network: { hidden: [16, 8, 16], normalisation: 'batch' }, trim: 0.05 }],
    ['units dropped, no noise', { network: { hidden: [16, 4, 16], dropout: 0.2 }, denoising: 0 }],
  ];

  it.each(configs)('give the same bits as an undisturbed run: %s', async (name, settings) => {
    const config = configOf({ epochs: 5, batchSize: 8, ...settings });
    const undisturbed = await train(config, { chunkValues: 16 * 1024 });
    const checkpoint = new CheckpointFile(join(folder, `${name}.checkpoint`), { config });
    let trained: TrainedAutoencoder | undefined;
    let stops = 0;
    const epochsAtResume: number[] = [];
    while (!trained) {
      const controller = new AbortController();
      const task: TrainingTask = {
        train: await rowsOf(3000, 1),
        validation: await rowsOf(500, 2),
        config,
        seed: 1,
        chunkValues: 16 * 1024,
        signal: controller.signal,
        checkpoint,
        pauseInterval: 0,
        onResume: (epoch) => epochsAtResume.push(epoch),
        // Every run is stopped after another number of batches, within chunks and at their ends.
        onRows: () => ++batches === 97 + 31 * stops && controller.abort(new Error('stop')),
      };
      let batches = 0;
      trained = await trainAutoencoder(task).catch((error: Error) => {
        if (error.message !== 'stop') throw error;
        stops++;
        return undefined;
      });
    }
    await checkpoint.remove();
    expect(stops).toBeGreaterThan(5);
    expect(epochsAtResume.length).toBe(stops);
    expect(bytesOf(trained).equals(bytesOf(undisturbed))).toBe(true);
    expect(trained.history).toEqual(undisturbed.history);
  });

  it('are not taken for those of another task, and not when they are damaged', async () => {
    const path = join(folder, 'other.checkpoint');
    const floats = Float32Array.from([1, 2]);
    const snapshot = {
      position: { epoch: 2, chunk: 0, row: 8, done: 8, loss: 0.1 },
      history: [{ epoch: 1, train: 0.1 + 0.2, validation: 1e-17 }],
      best: { epoch: 1, loss: 1e-17, parameters: floats },
      steps: 7,
      parameters: Float32Array.from([3, 4]),
      moments: Float32Array.from([5, 6, 7, 8]),
      statistics: Float32Array.from([0.25]),
      order: Uint32Array.from([9]),
    };
    const checkpoint = new CheckpointFile(path, { seed: 1 });
    expect(await checkpoint.read()).toBeUndefined();
    await checkpoint.write(snapshot);
    expect(await checkpoint.read()).toEqual(snapshot);
    expect(await new CheckpointFile(path, { seed: 2 }).read()).toBeUndefined();
    const bytes = await readFile(path);
    for (const cut of [0, 40, 70, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, cut));
      expect(await checkpoint.read()).toBeUndefined();
    }
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(path, bytes);
    expect(await checkpoint.read()).toBeUndefined();
    await checkpoint.remove();
  });
});

describe('trimming', () => {
  it('leaves foreign rows out, so that they are not learned', async () => {
    const foreign = 120;
    const store = async (seed: number, rows: number): Promise<RowStore> => {
      const clean = await rowsOf(rows, seed);
      const values = new Float32Array(rows * WIDTH);
      await clean.read(0, rows, values, WIDTH);
      // The last rows lie elsewhere, all on one line: an autoencoder would learn them quickly.
      for (let row = rows - foreign; row < rows; row++) {
        for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = 3 * Math.cos(2 * i) + (row % 10) / 10;
      }
      const builder = new RowStoreBuilder(WIDTH, join(folder, 'unused.scratch'));
      await builder.append(values);
      return builder.finish();
    };
    const foreignError = async (trim: number): Promise<number> => {
      const config = configOf({ epochs: 60, patience: 60, trim, learningRate: 0.005 });
      const signal = new AbortController().signal;
      const rows = await store(1, 2400);
      const trained = await trainAutoencoder({
        train: rows,
        validation: await rowsOf(500, 2),
        config,
        seed: 1,
        signal,
      });
      const errors = await trained.train.errors(PAUSE);
      const mean = (part: Float64Array): number => part.reduce((a, b) => a + b, 0) / part.length;
      return mean(errors.subarray(2400 - foreign)) / mean(errors.subarray(0, 2400 - foreign));
    };
    const learned = await foreignError(0);
    const trimmed = await foreignError(0.08);
    expect(trimmed).toBeGreaterThan(10 * learned);
  });
});

describe('WindowedRows', () => {
  it('gives the same whether its rows stay in the window or pass through it', async () => {
    const store = await rowsOf(1000, 3);
    const errors: Float64Array[] = [];
    const trimmed: number[] = [];
    for (const capacity of [1000, 300, 7]) {
      const widths = [WIDTH, 6, WIDTH];
      const network = new DenseNetwork({
        widths,
        activation: 'relu',
        loss: 'mse',
        capacity: 50 + capacity,
        tableSize: 0,
      });
      network.parameters = new Float32Array(network.layout.count).map((_, i) => Math.sin(i) / 4);
      const rows = new WindowedRows(network, store, 50, capacity);
      errors.push(await rows.errors(PAUSE));
      expect(await rows.errors(PAUSE)).toEqual(errors.at(-1));
      trimmed.push(await rows.trimmedMeanError(0.1, PAUSE));
    }
    expect(errors[1]).toEqual(errors[0]);
    expect(errors[2]).toEqual(errors[0]);
    expect(new Set(errors[0]).size).toBeGreaterThan(990);
    const kept = errors[0]!.toSorted().subarray(0, 900);
    for (const mean of trimmed) expect(mean).toBeCloseTo(kept.reduce((a, b) => a + b, 0) / 900, 12);
  });
});

describe('planChunks', () => {
  it.each([
    [10, 20],
    [20_000, 9000],
    [20_001, 1],
    [12_288, 4096],
  ])('puts each of %i rows into one chunk of at most %i', (rows, capacity) => {
    const seen = new Uint8Array(rows);
    for (const chunk of planChunks(rows, capacity, 5)) {
      expect(chunk.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(capacity);
      for (const { first, count } of chunk) for (let row = first; row < first + count; row++) seen[row]!++;
    }
    expect(seen.every((times) => times === 1)).toBe(true);
  });
});

describe('noise', () => {
  it('is normal, and every offset has a whole row', () => {
    const table = new Float32Array(TABLE_SIZE + 56);
    fillWithNormalNoise(table, 3);
    const values = table.subarray(0, TABLE_SIZE);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const beyond = values.filter((value) => Math.abs(value) > 1.959964).length / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.016); // four standard errors
    expect(Math.abs(square - 1)).toBeLessThan(0.022);
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.0034);
    expect([...table.subarray(TABLE_SIZE)]).toEqual([...table.subarray(0, 56)]);
    const offsets = new Uint32Array(1000);
    drawOffsets(offsets, 1000, new SeededRandom(1));
    expect(offsets.every((offset) => offset % 4 === 0 && offset / 4 + 56 <= table.length)).toBe(true);
    expect(new Set(offsets).size).toBeGreaterThan(950);
  });

  it('masks the share that is asked for', () => {
    const table = new Float32Array(TABLE_SIZE + 56);
    fillWithMask(table, 0.2, 3);
    const zeros = table.subarray(0, TABLE_SIZE).filter((value) => value === 0).length;
    expect(Math.abs(zeros / TABLE_SIZE - 0.2)).toBeLessThan(0.0063);
    expect(table.every((value) => value === 0 || value === 1)).toBe(true);
  });
});
