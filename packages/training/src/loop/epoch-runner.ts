import { SeededRandom } from '@edgeguard/transform';
import type { GradientBackend } from '../backend/gradient-backend.ts';
import type { Corruption, DenseNetwork } from '../network/dense-network.ts';
import type { UpdateSettings } from '../network/network-parameters.ts';
import { planChunks, type RowRange } from './chunks.ts';
import { assertFinite } from './divergence.ts';
import { learningRateAt } from './learning-rate.ts';
import { drawOffsets } from './noise-table.ts';
import { deriveSeed, STREAM } from './seeds.ts';
import type { TrainingTask } from './train-autoencoder.ts';
import type { EpochPosition } from './training-state.ts';
import { keepBestRows } from './trim.ts';
import { keptRows, type Pause } from './windowed-rows.ts';

/** Milliseconds of work between two looks at the outside world, where the task names none. */
const PAUSE_INTERVAL = 40;

/** Runs the epochs of a task, from any position of them. */
export class EpochRunner {
  readonly #network: DenseNetwork;
  readonly #task: TrainingTask;
  readonly #chunkRows: number;
  readonly #corruption: Corruption;
  readonly #backend: GradientBackend | undefined;
  #resident = false;

  constructor(network: DenseNetwork, task: TrainingTask, chunkRows: number) {
    this.#network = network;
    this.#task = task;
    this.#chunkRows = chunkRows;
    this.#backend = task.makeGradients?.(network, {
      activation: task.config.network.activation,
      loss: task.config.loss,
      ...(task.config.network.normalisation === 'batch' ? { normalisedRows: task.config.batchSize } : {}),
    });
    const {
      denoising,
      masking,
      network: { dropout },
    } = task.config;
    this.#corruption = { noise: denoising, masking: masking > 0, dropout: dropout > 0 };
  }

  /**
   * Runs an epoch from `at` to its end, moving `at` along. At a position within a chunk its order must be in the
   * network already, when rows are trimmed.
   *
   * @param pause called between batches now and then; may throw to stop
   * @returns the mean loss over the epoch's batches
   */
  async run(at: EpochPosition, pause: Pause): Promise<number> {
    const { train, config, seed } = this.#task;
    const plan = planChunks(train.rows, this.#chunkRows, deriveSeed(seed, STREAM.blocks, at.epoch));
    for (; at.chunk < plan.length; at.chunk++, at.row = 0) {
      const rows = await this.#fill(plan[at.chunk]!, plan.length === 1);
      const kept = this.#prepareOrder(at, rows);
      let lastPause = performance.now();
      while (at.row < kept) {
        const count = Math.min(config.batchSize, kept - at.row);
        const progress = (at.epoch - 1 + at.done / train.rows) / config.epochs;
        const learningRate = learningRateAt(config, progress);
        const update = { learningRate, weightDecay: config.weightDecay };
        const loss = this.#train(at.row, count, update);
        assertFinite(loss, at.epoch, config);
        at.row += count;
        at.done += count;
        at.loss += loss;
        if (performance.now() - lastPause >= (this.#task.pauseInterval ?? PAUSE_INTERVAL)) {
          this.#task.onRows?.(at.epoch, at.done, at.loss / (at.done * train.width));
          await pause();
          lastPause = performance.now();
        }
      }
    }
    return at.loss / (at.done * train.width);
  }

  /** One step, by the network's kernels or with the gradients of another backend. Returns the sum of the losses. */
  #train(first: number, count: number, update: UpdateSettings): number {
    if (!this.#backend) return this.#network.train(first, count, this.#corruption, update);
    const { gradients, loss, statistics } = this.#backend.ofBatch(first, count, this.#corruption);
    this.#network.stepWith(gradients, update, statistics);
    return loss;
  }

  /** Draws the chunk's order and noise. Returns the number of rows that take part. */
  #prepareOrder(at: EpochPosition, rows: number): number {
    const { config, seed } = this.#task;
    const { order, offsets } = this.#network;
    const kept = keptRows(rows, this.#trim(at.epoch));
    const random = new SeededRandom(deriveSeed(seed, STREAM.rows, at.epoch, at.chunk));
    // Which rows are trimmed depends on the parameters at the start of the chunk: within it, the order was restored.
    if (at.row === 0 || kept === rows) {
      for (let row = 0; row < rows; row++) order[row] = row;
      if (kept < rows) keepBestRows(this.#network, rows, kept);
      random.shuffle(order, kept);
    }
    if (config.denoising > 0 || config.masking > 0 || config.network.dropout > 0) {
      drawOffsets(offsets, kept, new SeededRandom(deriveSeed(seed, STREAM.offsets, at.epoch, at.chunk)));
    }
    return kept;
  }

  /** In the first epoch errors say nothing yet. */
  #trim(epoch: number): number {
    return epoch === 1 ? 0 : this.#task.config.trim;
  }

  async #fill(chunk: readonly RowRange[], whole: boolean): Promise<number> {
    const { stride, rows } = this.#network;
    let at = 0;
    for (const { first, count } of chunk) {
      if (!this.#resident) {
        await this.#task.train.read(first, count, rows.subarray(at * stride, (at + count) * stride), stride);
      }
      at += count;
    }
    this.#resident = whole;
    return at;
  }
}
