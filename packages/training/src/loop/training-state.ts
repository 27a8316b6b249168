import type { DenseNetwork } from '../network/dense-network.ts';

/** Mean losses after an epoch. */
export interface EpochLoss {
  readonly epoch: number;
  /** Over the epoch's batches, on corrupted inputs. */
  readonly train: number;
  /** After the epoch, on clean inputs. */
  readonly validation: number;
}

/** How far into an epoch training is. */
export interface EpochPosition {
  readonly epoch: number;
  chunk: number;
  /** The next place in the chunk's order. */
  row: number;
  /** Rows trained in this epoch, and the sum of their losses. */
  done: number;
  loss: number;
}

/** The best epoch so far. */
export interface BestEpoch {
  readonly epoch: number;
  readonly loss: number;
  /** Of the dense chain: W and b of each layer in turn. */
  readonly parameters: Float32Array;
}

/** All that training goes on from, beside the network's rows and what is drawn from the seed. */
export interface TrainingState {
  position: EpochPosition;
  readonly history: EpochLoss[];
  best: BestEpoch | undefined;
}

/** The start of an epoch. */
export function startOfEpoch(epoch: number): EpochPosition {
  return { epoch, chunk: 0, row: 0, done: 0, loss: 0 };
}

/** A state together with what the network holds, as it is kept in a checkpoint. */
export interface Snapshot extends TrainingState {
  readonly steps: number;
  readonly parameters: Float32Array;
  readonly moments: Float32Array;
  /** Moving averages of normalisation; empty without it. */
  readonly statistics: Float32Array;
  /** The order of the current chunk, where it does not follow from the seed alone. */
  readonly order: Uint32Array;
}

/** Takes a snapshot; `orderRows` of the order belong to it. */
export function takeSnapshot(state: TrainingState, network: DenseNetwork, orderRows: number): Snapshot {
  const { parameters, moments, statistics, steps } = network;
  return { ...state, steps, parameters, moments, statistics, order: network.order.slice(0, orderRows) };
}

/** Brings a network to a snapshot. Returns the state to go on from. */
export function restoreSnapshot(snapshot: Snapshot, network: DenseNetwork): TrainingState {
  network.parameters = snapshot.parameters;
  network.moments = snapshot.moments;
  network.statistics = snapshot.statistics;
  network.steps = snapshot.steps;
  network.order.set(snapshot.order);
  return { position: { ...snapshot.position }, history: [...snapshot.history], best: snapshot.best };
}
