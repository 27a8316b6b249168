import type { TrainConfig } from '@edgeguard/contracts';
import type { BatchStatistics } from '../network/batch-normalisation.ts';
import type { Corruption, DenseNetwork } from '../network/dense-network.ts';
import type { NetworkShape } from '../network/network-shape.ts';
import { loadTfjsNode } from './load-tfjs-node.ts';
import { TensorFlowGradients } from './tensorflow-gradients.ts';

/** What a batch says about the parameters. */
export interface BatchGradients {
  /** Of the batch's mean loss, without padding, as `DenseNetwork.parameters`. */
  readonly gradients: Float32Array;
  /** The sum of the losses of all outputs. */
  readonly loss: number;
  /** With batch normalisation: its statistics. */
  readonly statistics?: BatchStatistics;
}

/** Computes gradients in place of the network's own kernels. Adam, evaluation and all else stay the network's. */
export interface GradientBackend {
  /** Gradients for the rows that `order[first .. first + count)` names; changes nothing. */
  ofBatch(first: number, count: number, corruption: Corruption): BatchGradients;
}

/** What gradients depend on beside the network's parameters. */
export type GradientShape = Pick<NetworkShape, 'activation' | 'loss' | 'normalisedRows'>;

/** Makes the gradients of a network, for its shape. */
export type MakeGradients = (network: DenseNetwork, shape: GradientShape) => GradientBackend;

/** The backend that a config names, with its versions for the manifest. */
export interface LoadedBackend {
  /** Absent: the network's own kernels. */
  readonly makeGradients?: MakeGradients;
  readonly versions: Readonly<Record<string, string>>;
}

/** @throws UserError when the backend cannot be loaded */
export async function loadBackend(backend: TrainConfig['backend']): Promise<LoadedBackend> {
  if (backend === 'kernels') return { versions: {} };
  const tf = await loadTfjsNode();
  return {
    makeGradients: (network, shape) => new TensorFlowGradients(tf, network, shape),
    versions: { '@tensorflow/tfjs-node': tf.version['tfjs-node'] },
  };
}
