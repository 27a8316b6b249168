import { ADAM } from '../wasm/vector-kernels.ts';
import type { BatchNormalisation, BatchStatistics } from './batch-normalisation.ts';
import { layoutOf, type NetworkLayout, padParameters, unpadParameters } from './layout.ts';
import type { Kernels } from './network-kernels.ts';
import type { Addresses } from './network-memory.ts';

/** How a batch changes the parameters. */
export interface UpdateSettings {
  readonly learningRate: number;
  /** Decoupled weight decay per step, times the learning rate. */
  readonly weightDecay: number;
}

/** Views of the parameters in the network's memory, padded. */
export interface ParameterMemory {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly moments: Float32Array;
  /** Of the dense chain: where nothing is folded, the start of `parameters`. */
  readonly chain: Float32Array;
}

/** What a network has learned, in WebAssembly memory, and how Adam goes on. */
export class NetworkParameters {
  /** Steps of Adam so far. */
  steps = 0;
  readonly #layout: NetworkLayout;
  readonly #chainLayout: NetworkLayout;
  readonly #memory: ParameterMemory;
  readonly #at: Addresses;
  readonly #call: Kernels;
  readonly #grouped: boolean;
  readonly #normalisation: BatchNormalisation | undefined;
  /** Whether parameters or moving averages have changed since they were folded. */
  #stale = false;

  constructor(
    layout: NetworkLayout,
    memory: ParameterMemory,
    kernels: { readonly at: Addresses; readonly call: Kernels },
    options: { readonly grouped: boolean; readonly normalisation: BatchNormalisation | undefined },
  ) {
    this.#layout = layout;
    this.#chainLayout = layoutOf([layout.layers[0]!.inputs, ...layout.layers.map(({ outputs }) => outputs)]);
    this.#memory = memory;
    this.#at = kernels.at;
    this.#call = kernels.call;
    this.#grouped = options.grouped;
    this.#normalisation = options.normalisation;
  }

  get values(): Float32Array {
    return unpadParameters(this.#layout, this.#memory.parameters);
  }

  set values(values: Float32Array) {
    padParameters(this.#layout, values, this.#memory.parameters);
    this.#stale = true;
    this.#transposeWeights();
  }

  get chain(): Float32Array {
    this.fold();
    return unpadParameters(this.#chainLayout, this.#memory.chain);
  }

  set chain(values: Float32Array) {
    padParameters(this.#chainLayout, values, this.#memory.chain);
    this.#stale = false;
    if (!this.#normalisation) this.#transposeWeights();
  }

  get statistics(): Float32Array {
    return this.#normalisation?.moving.slice() ?? new Float32Array(0);
  }

  set statistics(values: Float32Array) {
    this.#normalisation?.moving.set(values);
    this.#stale = true;
  }

  get gradients(): Float32Array {
    return unpadParameters(this.#layout, this.#memory.gradients);
  }

  set gradients(values: Float32Array) {
    padParameters(this.#layout, values, this.#memory.gradients);
  }

  /** Sets the gradients of weights between groups to zero: such weights then stay zero through Adam and weight decay. */
  disconnectGroups(): void {
    if (this.#grouped) this.#call.connect!(this.#at.gradients, this.#at.connections, this.#layout.paddedCount);
  }

  /** One step of Adam with the gradients in memory, and the statistics of their batch into the moving averages. */
  step({ learningRate, weightDecay }: UpdateSettings, statistics: BatchStatistics | undefined): void {
    this.steps++;
    const correction = Math.sqrt(1 - ADAM.decay2 ** this.steps) / (1 - ADAM.decay1 ** this.steps);
    const { parameters, gradients, moments } = this.#at;
    const { paddedCount, paddedDense } = this.#layout;
    const adam = (first: number, count: number, keep: number): void => {
      const [m, v] = [moments + first * 4, moments + (paddedCount + first) * 4];
      this.#call.adam!(parameters + first * 4, gradients + first * 4, m, v, count, learningRate * correction, keep);
    };
    adam(0, paddedDense, 1 - learningRate * weightDecay);
    // Scales do not decay: at zero a unit would be off.
    if (paddedCount > paddedDense) adam(paddedDense, paddedCount - paddedDense, 1);
    if (statistics) this.#normalisation?.average(statistics, this.steps);
    this.#stale = true;
    this.#transposeWeights();
  }

  /** Brings the dense chain up to date. */
  fold(): void {
    if (this.#stale) this.#normalisation?.fold();
    this.#stale = false;
  }

  #transposeWeights(): void {
    for (const [index, layer] of this.#layout.layers.entries()) {
      if (index > 0)
        this.#call[`transpose${index}`]!(this.#at.transposed[index]!, this.#at.parameters + layer.weights * 4);
    }
  }
}
