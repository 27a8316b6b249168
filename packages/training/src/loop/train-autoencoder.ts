import { type TrainConfig, UserError } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';
import type { MakeGradients } from '../backend/gradient-backend.ts';
import { findNetworkGroups, type NetworkGroups } from '../groups/feature-groups.ts';
import { DenseNetwork } from '../network/dense-network.ts';
import { initialParameters } from '../network/initialise.ts';
import { padded } from '../network/layout.ts';
import type { RowStore } from '../rows/row-store.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { assertFinite } from './divergence.ts';
import { EpochRunner } from './epoch-runner.ts';
import { fillWithMask, fillWithNormalNoise, TABLE_SIZE } from './noise-table.ts';
import { deriveSeed, STREAM } from './seeds.ts';
import { type EpochLoss, restoreSnapshot, startOfEpoch, takeSnapshot, type TrainingState } from './training-state.ts';
import { type Pause, pauseFor, WindowedRows } from './windowed-rows.ts';

/** What {@link trainAutoencoder} works on. */
export interface TrainingTask {
  readonly train: RowStore;
  readonly validation: RowStore;
  readonly config: TrainConfig;
  /** The feature of each model input, for groups of features; absent: each input is a feature of its own. */
  readonly outputs?: readonly number[];
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Computes gradients in place of the network's kernels. */
  readonly makeGradients?: MakeGradients;
  /** Values of the rows that are in memory at once; smaller splits are read once. */
  readonly chunkValues?: number;
  /** Where training goes on from, and keeps its state now and then and when it is interrupted. */
  readonly checkpoint?: CheckpointFile;
  /** Milliseconds between two checkpoints. */
  readonly checkpointInterval?: number;
  /** Milliseconds of work between two looks at the signal. */
  readonly pauseInterval?: number;
  /** Called when training stops, interrupted, with a checkpoint to go on from. */
  readonly onInterrupt?: (epoch: number) => void;
  /** Called when training goes on from a checkpoint. */
  readonly onResume?: (epoch: number) => void;
  /** Called with the groups of features, where config asks for them. */
  readonly onGroups?: (groups: NetworkGroups) => void;
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
  /** The splits, to pass through the network. */
  readonly train: WindowedRows;
  readonly validation: WindowedRows;
  readonly history: readonly EpochLoss[];
  readonly bestEpoch: number;
  /** The groups of features that have an autoencoder of their own, where config asks for them. */
  readonly groups?: NetworkGroups;
}

/** Values of training rows in memory at once: 128 MB. */
const CHUNK_VALUES = 32 * 1024 * 1024;

/** Values of validation rows in memory at once. */
const VALIDATION_VALUES = 8 * 1024 * 1024;

/** Milliseconds between two checkpoints, where the task names none. */
const CHECKPOINT_INTERVAL = 20_000;

/**
 * Trains an autoencoder to reconstruct clean inputs from corrupted ones (Vincent et al. 2008, "Extracting and Composing
 * Robust Features with Denoising Autoencoders"), with Adam, and keeps the parameters of the epoch with the lowest
 * validation loss. The same task gives the same bits on every machine, however often it was interrupted and resumed, unless
 * another backend computes its gradients.
 *
 * @throws UserError when training diverges, or when the settings do not go together
 */
export async function trainAutoencoder(task: TrainingTask): Promise<TrainedAutoencoder> {
  const { config } = task;
  assertNormalisable(config);
  const stride = padded(task.train.width);
  const trainRows = Math.min(task.train.rows, rowsIn(task.chunkValues ?? CHUNK_VALUES, stride));
  const validationRows = Math.min(task.validation.rows, rowsIn(VALIDATION_VALUES, stride));
  const groups = await groupsOf(task);
  if (groups) task.onGroups?.(groups);
  const network = makeNetwork(task, trainRows + validationRows, groups);
  const validation = new WindowedRows(network, task.validation, trainRows, validationRows);
  const epochs = new EpochRunner(network, task, trainRows);

  let state: TrainingState = { position: startOfEpoch(1), history: [], best: undefined };
  const kept = await task.checkpoint?.read();
  if (kept) {
    state = restoreSnapshot(kept, network);
    task.onResume?.(state.position.epoch);
  }
  const pause = checkpointing(task, network, () => state, config.trim > 0 ? trainRows : 0);
  while (!isFinished(state, config)) {
    const { epoch } = state.position;
    const train = await epochs.run(state.position, pause);
    const loss = { epoch, train, validation: await meanLoss(network, validation, config.trim, pause) };
    assertFinite(loss.validation, epoch, config);
    state.history.push(loss);
    task.onEpoch?.(loss);
    if (!state.best || loss.validation < state.best.loss) {
      state.best = { epoch, loss: loss.validation, parameters: network.chain };
    }
    state.position = startOfEpoch(epoch + 1);
    await pause();
  }
  const best = state.best!;
  network.chain = best.parameters;
  const train = new WindowedRows(network, task.train, 0, trainRows);
  return {
    network,
    parameters: best.parameters,
    train,
    validation,
    history: state.history,
    bestEpoch: best.epoch,
    ...(groups ? { groups } : {}),
  };
}

/** The same for the same rows and settings, so that resumed training finds them again. */
async function groupsOf({ train, outputs, config, signal }: TrainingTask): Promise<NetworkGroups | undefined> {
  const { hidden, groups } = config.network;
  if (!groups) return undefined;
  const features = outputs ?? Array.from({ length: train.width }, (_, input) => input);
  return findNetworkGroups(train, features, { hidden, largest: groups.largest }, pauseFor(signal));
}

/** One row has no variance. */
function assertNormalisable({ network, batchSize }: TrainConfig): void {
  if (network.normalisation === 'none' || batchSize > 1) return;
  throw new UserError('train.batchSize', 'batches of one row cannot be normalised', 'raise it to 32 or more');
}

function rowsIn(values: number, stride: number): number {
  return Math.max(1, Math.floor(values / stride));
}

function makeNetwork(
  { train, config, seed }: TrainingTask,
  capacity: number,
  groups: NetworkGroups | undefined,
): DenseNetwork {
  const { dropout } = config.network;
  const network = new DenseNetwork({
    widths: [train.width, ...config.network.hidden, train.width],
    activation: config.network.activation,
    loss: config.loss,
    capacity,
    dropoutSize: dropout > 0 ? TABLE_SIZE : 0,
    tableSize: config.denoising > 0 || config.masking > 0 ? TABLE_SIZE : 0,
    ...(groups ? { groups: groups.ofUnit } : {}),
    ...(config.network.normalisation === 'batch' ? { normalisedRows: config.batchSize } : {}),
  });
  const random = new SeededRandom(deriveSeed(seed, STREAM.weights));
  network.parameters = initialParameters(network.layout, random, groups?.ofUnit);
  if (config.denoising > 0) fillWithNormalNoise(network.noise, deriveSeed(seed, STREAM.noise));
  if (config.masking > 0) fillWithMask(network.mask, config.masking, deriveSeed(seed, STREAM.mask));
  // What is left is enlarged, so that the next layer sees the same mean (Srivastava et al. 2014, "Dropout").
  for (const [index, table] of network.dropout.entries()) {
    fillWithMask(table, dropout, deriveSeed(seed, STREAM.dropout, index), 1 / (1 - dropout));
  }
  return network;
}

function isFinished({ position, best }: TrainingState, config: TrainConfig): boolean {
  if (position.epoch > config.epochs) return true;
  return best !== undefined && position.epoch - best.epoch > config.patience;
}

/** A pause between batches: lets signals through, and keeps a checkpoint when it is time or the work is to stop. */
function checkpointing(
  task: TrainingTask,
  network: DenseNetwork,
  state: () => TrainingState,
  orderRows: number,
): Pause {
  const letSignalsThrough = pauseFor(task.signal);
  const interval = task.checkpointInterval ?? CHECKPOINT_INTERVAL;
  let last = performance.now();
  return async () => {
    const stopped = await letSignalsThrough().then(
      () => undefined,
      (reason: unknown) => ({ reason }),
    );
    if (task.checkpoint && (stopped || performance.now() - last > interval)) {
      await task.checkpoint.write(takeSnapshot(state(), network, orderRows));
      last = performance.now();
    }
    if (!stopped) return;
    if (task.checkpoint) task.onInterrupt?.(state().position.epoch);
    throw stopped.reason;
  };
}

/** Mean validation loss; with trimming, without the worst share of the rows. */
async function meanLoss(network: DenseNetwork, rows: WindowedRows, trim: number, pause: Pause): Promise<number> {
  if (trim > 0) return rows.trimmedMeanError(trim, pause);
  let loss = 0;
  await rows.forEachWindow(pause, (first, count) => {
    loss += network.evaluate(first, count);
  });
  return loss / (rows.store.rows * rows.store.width);
}
