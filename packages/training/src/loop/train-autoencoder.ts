import { type TrainConfig, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import { DenseNetwork } from '../network/dense-network.ts';
import { initialParameters } from '../network/initialise.ts';
import { padded } from '../network/layout.ts';
import type { RowStore } from '../rows/row-store.ts';
import { planChunks, type RowRange } from './chunks.ts';
import { drawNoiseOffsets, fillWithNormalNoise, NOISE_TABLE_SIZE } from './noise-table.ts';
import { deriveSeed, STREAM } from './seeds.ts';
import { breathe, WindowedRows } from './windowed-rows.ts';

/** Mean losses after an epoch. */
export interface EpochLoss {
  readonly epoch: number;
  /** Over the epoch's batches, on corrupted inputs. */
  readonly train: number;
  /** After the epoch, on clean inputs. */
  readonly validation: number;
}

/** What {@link trainAutoencoder} works on. */
export interface TrainingTask {
  readonly train: RowStore;
  readonly validation: RowStore;
  readonly config: TrainConfig;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Values of the rows that are in memory at once; smaller splits are read once. */
  readonly chunkValues?: number;
  /** Called after every epoch. */
  readonly onEpoch?: (loss: EpochLoss) => void;
  /** Called now and then with the rows trained so far in this epoch and their mean loss. */
  readonly onRows?: (epoch: number, rows: number, loss: number) => void;
}

/** A trained autoencoder. */
export interface TrainedAutoencoder {
  readonly network: DenseNetwork;
  /** The best parameters by validation loss: W [inputs, outputs] and b of each layer in turn. The network holds them. */
  readonly parameters: Float32Array;
  /** The validation rows in the network's memory. */
  readonly validation: WindowedRows;
  readonly history: readonly EpochLoss[];
  readonly bestEpoch: number;
}

/** Values of training rows in memory at once: 128 MB. */
const CHUNK_VALUES = 32 * 1024 * 1024;

/** Values of validation rows in memory at once. */
const VALIDATION_VALUES = 8 * 1024 * 1024;

/** Milliseconds of work between two looks at the outside world. */
const BREATH_MILLISECONDS = 40;

/**
 * Trains an autoencoder to reconstruct clean inputs from noisy ones (Vincent et al. 2008, "Extracting and Composing
 * Robust Features with Denoising Autoencoders"), with Adam, and keeps the parameters of the epoch with the lowest
 * validation loss. The same task gives the same bits on every machine.
 *
 * @throws UserError when training diverges
 */
export async function trainAutoencoder(task: TrainingTask): Promise<TrainedAutoencoder> {
  const { config } = task;
  const width = task.train.width;
  const stride = padded(width);
  const chunkRows = Math.max(1, Math.floor((task.chunkValues ?? CHUNK_VALUES) / stride));
  const trainRows = Math.min(task.train.rows, chunkRows);
  const validationRows = Math.min(task.validation.rows, Math.max(1, Math.floor(VALIDATION_VALUES / stride)));
  const network = new DenseNetwork({
    widths: [width, ...config.network.hidden, width],
    activation: config.network.activation,
    loss: 'mse',
    capacity: trainRows + validationRows,
    tableSize: config.denoising > 0 ? NOISE_TABLE_SIZE : 0,
  });
  const random = new SeededRandom(deriveSeed(task.seed, STREAM.weights));
  network.parameters = initialParameters(network.layout, random);
  if (config.denoising > 0) fillWithNormalNoise(network.table, deriveSeed(task.seed, STREAM.noise));

  const validation = new WindowedRows(network, task.validation, trainRows, validationRows);
  const epochs = new EpochRunner(network, task, trainRows);
  const history: EpochLoss[] = [];
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters: network.parameters };
  for (let epoch = 1; epoch <= config.epochs && epoch - best.epoch <= config.patience; epoch++) {
    const loss = {
      epoch,
      train: await epochs.run(epoch),
      validation: await meanLoss(network, validation, task.signal),
    };
    assertFinite(loss.validation, epoch, config);
    history.push(loss);
    task.onEpoch?.(loss);
    if (loss.validation < best.loss) best = { epoch, loss: loss.validation, parameters: network.parameters };
  }
  network.parameters = best.parameters;
  return { network, parameters: best.parameters, validation, history, bestEpoch: best.epoch };
}

async function meanLoss(network: DenseNetwork, rows: WindowedRows, signal: AbortSignal): Promise<number> {
  let loss = 0;
  await rows.forEachWindow(signal, (first, count) => {
    loss += network.evaluate(first, count);
  });
  return loss / (rows.store.rows * rows.store.width);
}

/** Runs the epochs of a task. */
class EpochRunner {
  readonly #network: DenseNetwork;
  readonly #task: TrainingTask;
  readonly #chunkRows: number;
  #resident = false;

  constructor(network: DenseNetwork, task: TrainingTask, chunkRows: number) {
    this.#network = network;
    this.#task = task;
    this.#chunkRows = chunkRows;
  }

  /** Returns the mean loss over the epoch's batches. */
  async run(epoch: number): Promise<number> {
    const { train, config, seed } = this.#task;
    let done = 0;
    let loss = 0;
    const plan = planChunks(train.rows, this.#chunkRows, deriveSeed(seed, STREAM.blocks, epoch));
    for (const [index, chunk] of plan.entries()) {
      const rows = await this.#fill(chunk, plan.length === 1);
      const random = new SeededRandom(deriveSeed(seed, STREAM.rows, epoch, index));
      for (let row = 0; row < rows; row++) this.#network.order[row] = row;
      random.shuffle(this.#network.order, rows);
      if (config.denoising > 0) drawNoiseOffsets(this.#network.noiseOffsets, rows, random);
      let lastBreath = performance.now();
      for (let first = 0; first < rows; first += config.batchSize) {
        const count = Math.min(config.batchSize, rows - first);
        const batchLoss = this.#network.train(
          first,
          count,
          { noise: config.denoising, masking: false },
          { learningRate: config.learningRate, weightDecay: 0 },
        );
        assertFinite(batchLoss, epoch, config);
        loss += batchLoss;
        done += count;
        if (performance.now() - lastBreath > BREATH_MILLISECONDS) {
          this.#task.onRows?.(epoch, done, loss / (done * train.width));
          await breathe(this.#task.signal);
          lastBreath = performance.now();
        }
      }
    }
    return loss / (done * train.width);
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

function assertFinite(loss: number, epoch: number, config: TrainConfig): void {
  if (Number.isFinite(loss)) return;
  throw new UserError(
    'train',
    `training diverged: the loss is no longer a number in epoch ${epoch}`,
    `lower train.learningRate (now ${config.learningRate})`,
  );
}
