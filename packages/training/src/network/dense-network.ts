import { Arena } from '../wasm/arena.ts';
import { BatchNormalisation, type BatchStatistics } from './batch-normalisation.ts';
import { fillWithConnections } from './connections.ts';
import { layoutOf, type NetworkLayout, padded } from './layout.ts';
import { instantiate, type Kernels } from './network-kernels.ts';
import { type Addresses, reserveAll } from './network-memory.ts';
import { NetworkParameters, type ParameterMemory, type UpdateSettings } from './network-parameters.ts';
import { type NetworkShape, partRowsOf } from './network-shape.ts';
import { activate, HUBER_BOUND, logCosh } from './scalar-functions.ts';

/** How inputs are corrupted before they are reconstructed. */
export interface Corruption {
  /** Standard deviation of the noise that is added: the factor of {@link DenseNetwork.noise}. 0 for none. */
  readonly noise: number;
  /** Whether inputs are multiplied by {@link DenseNetwork.mask}. */
  readonly masking: boolean;
  /** Whether the outputs of hidden layers are multiplied by {@link DenseNetwork.dropout}. */
  readonly dropout?: boolean;
}

/**
 * A dense autoencoder in WebAssembly memory: reconstruction, gradients by back-propagation, and Adam. Kernels are made
 * for the very shape. All arithmetic has a fixed order, so the same calls give the same bits on every machine.
 */
export class DenseNetwork {
  readonly layout: NetworkLayout;
  /** Values from one row of {@link rows} to the next: the input width rounded up. */
  readonly stride: number;
  /** Rows that batches are gathered from, row-major; values beyond the input width must be zero. */
  readonly rows: Float32Array;
  /** Numbers of rows of {@link rows}; batches are parts of it. */
  readonly order: Uint32Array;
  /** Where in the tables the random numbers of each row of {@link order} start, in bytes. */
  readonly offsets: Uint32Array;
  /** Random numbers of deviation 1, and one row more so that every offset has a whole row. */
  readonly noise: Float32Array;
  /** Random factors, as {@link noise}. */
  readonly mask: Float32Array;
  /** Random factors of each hidden layer, as {@link mask}; none without dropout. */
  readonly dropout: readonly Float32Array[];
  /** Most rows that {@link reconstruct} takes. */
  readonly partRows: number;

  readonly #shape: NetworkShape;
  readonly #at: Addresses;
  readonly #call: Kernels;
  readonly #clean: Float32Array;
  readonly #activations: readonly Float32Array[];
  readonly #lastDelta: Float32Array;
  readonly #gradients: Float32Array;
  readonly #moments: Float32Array;
  readonly #normalisation: BatchNormalisation | undefined;
  readonly #learned: NetworkParameters;

  constructor(shape: NetworkShape) {
    this.#shape = shape;
    this.layout = layoutOf(shape.widths, shape.normalisedRows !== undefined);
    this.partRows = partRowsOf(shape);
    this.stride = padded(shape.widths[0]!);
    const arena = new Arena();
    this.#at = reserveAll(arena, shape, this.layout, this.stride);
    const memory = arena.memory();
    this.#call = instantiate(shape, this.layout, memory);
    const floats = (address: number, count: number): Float32Array => new Float32Array(memory.buffer, address, count);
    this.rows = floats(this.#at.rows, shape.capacity * this.stride);
    this.order = new Uint32Array(memory.buffer, this.#at.order, shape.capacity);
    this.offsets = new Uint32Array(memory.buffer, this.#at.offsets, shape.capacity);
    const tableSize = shape.tableSize === 0 ? 0 : shape.tableSize + this.stride;
    this.noise = floats(this.#at.noise, tableSize);
    this.mask = floats(this.#at.mask, tableSize);
    this.dropout = this.#at.dropout.map((address, index) =>
      floats(address, shape.dropoutSize! + this.layout.layers[index]!.paddedOutputs),
    );
    if (shape.groups) {
      fillWithConnections(floats(this.#at.connections, this.layout.paddedCount), this.layout, shape.groups);
    }
    this.#clean = floats(this.#at.clean, this.partRows * this.stride);
    this.#lastDelta = floats(this.#at.deltas.at(-1)!, this.partRows * this.stride);
    this.#activations = this.layout.layers.map((layer, index) =>
      floats(this.#at.activations[index + 1]!, this.partRows * layer.paddedOutputs),
    );
    const learned = {
      parameters: floats(this.#at.parameters, this.layout.paddedCount),
      gradients: floats(this.#at.gradients, this.layout.paddedCount),
      moments: floats(this.#at.moments, 2 * this.layout.paddedCount),
      chain: floats(this.#at.folded, this.layout.paddedDense),
    };
    this.#gradients = learned.gradients;
    this.#moments = learned.moments;
    this.#normalisation = this.#makeNormalisation(floats, learned);
    const options = { grouped: shape.groups !== undefined, normalisation: this.#normalisation };
    this.#learned = new NetworkParameters(this.layout, learned, { at: this.#at, call: this.#call }, options);
  }

  #makeNormalisation(
    floats: (address: number, count: number) => Float32Array,
    learned: ParameterMemory,
  ): BatchNormalisation | undefined {
    const { normalisedRows } = this.#shape;
    if (normalisedRows === undefined) return undefined;
    const matrices = (addresses: readonly number[]): Float32Array[] =>
      this.layout.layers
        .slice(0, -1)
        .map(({ paddedOutputs }, index) => floats(addresses[index]!, this.partRows * paddedOutputs));
    return new BatchNormalisation(this.layout, normalisedRows, {
      ...learned,
      activations: this.#activations,
      deltas: matrices(this.#at.deltas),
      normalised: matrices(this.#at.normalised),
    });
  }

  /** What training changes: W and b of each layer in turn, then the scales of normalisation; without padding. */
  get parameters(): Float32Array {
    return this.#learned.values;
  }

  set parameters(values: Float32Array) {
    this.#learned.values = values;
  }

  /**
   * W and b of each layer of the dense chain that reconstructs and is saved: {@link parameters}, with normalisation folded into
   * them. When it is set with normalisation, the network reconstructs with it until it trains on.
   */
  get chain(): Float32Array {
    return this.#learned.chain;
  }

  set chain(values: Float32Array) {
    this.#learned.chain = values;
  }

  /** Moving averages of normalisation; empty without it. */
  get statistics(): Float32Array {
    return this.#learned.statistics;
  }

  set statistics(values: Float32Array) {
    this.#learned.statistics = values;
  }

  /** Steps of Adam so far. */
  get steps(): number {
    return this.#learned.steps;
  }

  set steps(steps: number) {
    this.#learned.steps = steps;
  }

  /** Both moments of Adam, padded: with parameters, statistics and steps, all that training goes on from. */
  get moments(): Float32Array {
    return this.#moments.slice();
  }

  set moments(values: Float32Array) {
    this.#moments.set(values);
  }

  /** The gradients of the last batch, without padding. */
  get gradients(): Float32Array {
    return this.#learned.gradients;
  }

  /**
   * Trains on the rows that `order[first .. first + count)` names: corrupts them, reconstructs, compares with the clean
   * rows, and takes one step of Adam.
   *
   * @returns the sum of the losses of all outputs, before the step
   */
  train(first: number, count: number, corruption: Corruption, update: UpdateSettings): number {
    const loss = this.accumulateGradients(first, count, corruption);
    this.#learned.step(update, this.#normalisation?.last);
    return loss;
  }

  /** One step of Adam with gradients, and statistics of normalisation, that were computed elsewhere, without padding. */
  stepWith(gradients: Float32Array, update: UpdateSettings, statistics?: BatchStatistics): void {
    this.#learned.gradients = gradients;
    this.#learned.disconnectGroups();
    this.#learned.step(update, statistics);
  }

  /** The gradients of the batch's mean loss into {@link gradients}; see {@link train}. */
  accumulateGradients(first: number, count: number, corruption: Corruption): number {
    if (this.#normalisation && count > this.partRows) {
      throw new RangeError(`a batch of ${count} rows where ${this.partRows} are the most that are normalised`);
    }
    this.#gradients.fill(0);
    const scale = 1 / (count * this.#shape.widths[0]!);
    let loss = 0;
    for (let start = 0; start < count; start += this.partRows) {
      const rows = Math.min(this.partRows, count - start);
      this.#gather(first + start, rows);
      const dropAt = corruption.dropout ? first + start : undefined;
      this.#forwardInTraining(this.#corrupt(first + start, rows, corruption), rows, dropAt);
      loss += this.#loss(rows, scale);
      this.#backward(rows, dropAt);
    }
    this.#learned.disconnectGroups();
    return loss;
  }

  /** Sum of the losses of all outputs for the clean rows `order[first .. first + count)`. */
  evaluate(first: number, count: number): number {
    let loss = 0;
    for (let start = 0; start < count; start += this.partRows) {
      const rows = Math.min(this.partRows, count - start);
      this.#gather(first + start, rows);
      this.#forward(this.#at.clean, rows);
      loss += this.#loss(rows, 0);
    }
    return loss;
  }

  /**
   * Reconstructs the clean rows `order[first .. first + count)`, at most {@link partRows} of them.
   *
   * @returns a view of the reconstructions, `stride` values per row, valid until the next call
   */
  reconstruct(first: number, count: number): Float32Array {
    this.#gather(first, count);
    this.#forward(this.#at.clean, count);
    return this.#activations.at(-1)!.subarray(0, count * this.stride);
  }

  /** The output of hidden layer `index` for the rows of the last part; for looking for dead units. */
  hidden(index: number): Float32Array {
    return this.#activations[index]!;
  }

  #gather(first: number, count: number): void {
    this.#call.gather!(this.#at.clean, this.#at.rows, this.#at.order + first * 4, count);
  }

  /** Returns the address of the rows to reconstruct. */
  #corrupt(first: number, count: number, { noise, masking }: Corruption): number {
    const { clean, corrupted, offsets } = this.#at;
    let input = clean;
    if (noise !== 0) {
      this.#call.add_noise!(corrupted, input, this.#at.noise, offsets + first * 4, count, noise);
      input = corrupted;
    }
    if (masking) {
      this.#call.mask!(corrupted, input, this.#at.mask, offsets + first * 4, count, 0);
      input = corrupted;
    }
    return input;
  }

  /** Through the dense chain, without dropout. */
  #forward(input: number, count: number): void {
    this.#learned.fold();
    this.#at.activations[0] = input;
    for (const index of this.layout.layers.keys()) this.#forwardDense(index, count, this.#at.folded);
  }

  /** @param dropAt place in {@link offsets} of the first row, where hidden units are dropped */
  #forwardInTraining(input: number, count: number, dropAt?: number): void {
    const { parameters, activations, dropped } = this.#at;
    const last = this.layout.layers.length - 1;
    activations[0] = input;
    for (const index of this.layout.layers.keys()) {
      if (this.#normalisation && index < last) this.#forwardNormalised(this.#normalisation, index, count, dropAt);
      else this.#forwardDense(index, count, parameters, dropAt);
      if (dropAt !== undefined && index < last)
        this.#drop(index, dropped[index]!, activations[index + 1]!, dropAt, count);
    }
  }

  #forwardDense(index: number, count: number, parameters: number, dropAt?: number): void {
    const layer = this.layout.layers[index]!;
    const { paddedInputs, paddedOutputs } = layer;
    const rows = Math.ceil(count / 4) * 4;
    const from = this.#inputOf(index, dropAt);
    const weights = parameters + layer.weights * 4;
    const biases = parameters + layer.biases * 4;
    const to = this.#at.activations[index + 1]!;
    this.#call[`forward${index}`]!(to, from, weights, biases, 0, rows, paddedOutputs, paddedInputs);
    if (index < this.layout.layers.length - 1 && this.#shape.activation !== 'relu') {
      activate(this.#shape.activation, this.#activations[index]!, rows * paddedOutputs);
    }
  }

  #forwardNormalised(normalisation: BatchNormalisation, index: number, count: number, dropAt?: number): void {
    const { weights, paddedInputs, paddedOutputs } = this.layout.layers[index]!;
    const rows = Math.ceil(count / 4) * 4;
    const from = this.#inputOf(index, dropAt);
    const { parameters, zeros, activations } = this.#at;
    const to = activations[index + 1]!;
    this.#call[`linear${index}`]!(to, from, parameters + weights * 4, zeros, 0, rows, paddedOutputs, paddedInputs);
    normalisation.forward(index, count);
    activate(this.#shape.activation, this.#activations[index]!, count * paddedOutputs);
  }

  /** The address of what layer `index` reads. */
  #inputOf(index: number, dropAt: number | undefined): number {
    return dropAt === undefined || index === 0 ? this.#at.activations[index]! : this.#at.dropped[index - 1]!;
  }

  /** Multiplies values of hidden layer `index` by its random factors. */
  #drop(index: number, to: number, from: number, dropAt: number, count: number): void {
    this.#call[`drop${index}`]!(to, from, this.#at.dropout[index]!, this.#at.offsets + dropAt * 4, count, 0);
  }

  #loss(count: number, scale: number): number {
    const { deltas, activations, clean } = this.#at;
    if (this.#shape.loss === 'log-cosh') {
      return logCosh(this.#lastDelta, this.#activations.at(-1)!, this.#clean, count * this.stride, scale);
    }
    return this.#call.loss!(deltas.at(-1)!, activations.at(-1)!, clean, count * this.stride, scale, HUBER_BOUND);
  }

  #backward(count: number, dropAt?: number): void {
    const rows = Math.ceil(count / 4) * 4;
    const { activations, deltas, gradients, transposed, zeros } = this.#at;
    for (let index = this.layout.layers.length - 1; index >= 0; index--) {
      const layer = this.layout.layers[index]!;
      const { paddedInputs, paddedOutputs } = layer;
      const input = this.#inputOf(index, dropAt);
      const delta = deltas[index]!;
      const weights = gradients + layer.weights * 4;
      this.#call[`sum${index}`]!(gradients + layer.biases * 4, delta, count, paddedOutputs);
      if (index < this.layout.layers.length - 1) this.#normalisation?.backward(index, count);
      this.#call[`gradient${index}`]!(weights, input, delta, weights, 0, paddedInputs, paddedOutputs, count);
      if (index === 0) break;
      const to = deltas[index - 1]!;
      // The gate wants the activation as it was before units were dropped.
      const gate = activations[index]!;
      this.#call[`backward${index}`]!(to, delta, transposed[index]!, zeros, gate, rows, paddedInputs, paddedOutputs);
      if (dropAt !== undefined) this.#drop(index - 1, to, to, dropAt, count);
    }
  }
}
