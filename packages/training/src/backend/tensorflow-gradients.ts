import type * as tfCore from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { type BatchStatistics, VARIANCE_FLOOR } from '../network/batch-normalisation.ts';
import type { Corruption, DenseNetwork } from '../network/dense-network.ts';
import type { Activation, Loss } from '../network/network-shape.ts';
import { HUBER_BOUND } from '../network/scalar-functions.ts';
import type { BatchGradients, GradientBackend, GradientShape } from './gradient-backend.ts';

/**
 * Gradients by TensorFlow.js operations, on whatever backend it runs. Rows, their order and the random numbers of the corruption
 * are the network's own, so that batches are those of the default backend; only rounding differs.
 */
export class TensorFlowGradients implements GradientBackend {
  readonly #tf: typeof tfCore;
  readonly #network: DenseNetwork;
  readonly #shape: GradientShape;
  readonly #width: number;
  #clean = new Float32Array(0);
  #corrupted = new Float32Array(0);

  constructor(tf: typeof tfCore, network: DenseNetwork, shape: GradientShape) {
    this.#tf = tf;
    this.#network = network;
    this.#shape = shape;
    this.#width = network.layout.layers[0]!.inputs;
  }

  ofBatch(first: number, count: number, corruption: Corruption): BatchGradients {
    const tf = this.#tf;
    this.#gather(first, count, corruption);
    const size = count * this.#width;
    const gradients = new Float32Array(this.#network.layout.count);
    const statistics: Float32Array[] = [];
    const loss = tf.tidy(() => {
      const shape: [number, number] = [count, this.#width];
      const targets = tf.tensor2d(this.#clean.slice(0, size), shape);
      const inputs = tf.tensor2d(this.#corrupted.slice(0, size), shape);
      const drops = corruption.dropout ? this.#dropout(first, count) : [];
      const meanLoss = (...parameters: Tensor[]): Scalar => {
        const residual = tf.sub(this.#forward(inputs, parameters, drops, statistics), targets);
        return tf.mean(lossOf(tf, this.#shape.loss, residual)) as Scalar;
      };
      const { value, grads } = tf.valueAndGrads(meanLoss)(this.#parameters());
      let at = 0;
      for (const gradient of grads) {
        gradients.set(gradient.dataSync(), at);
        at += gradient.size;
      }
      return value.dataSync()[0]!;
    });
    if (this.#shape.normalisedRows === undefined) return { gradients, loss: loss * size };
    return { gradients, loss: loss * size, statistics: joined(statistics, count) };
  }

  /** W and b of each layer in turn, then the scales of normalisation. */
  #parameters(): Tensor[] {
    const values = this.#network.parameters;
    let at = 0;
    const take = (count: number): Float32Array => values.slice(at, (at += count));
    const { layers } = this.#network.layout;
    const dense = layers.flatMap(({ inputs, outputs }) => [
      this.#tf.tensor2d(take(inputs * outputs), [inputs, outputs]),
      this.#tf.tensor1d(take(outputs)),
    ]);
    const scaled = layers.filter(({ scales }) => !Number.isNaN(scales));
    return [...dense, ...scaled.map(({ outputs }) => this.#tf.tensor1d(take(outputs)))];
  }

  /** The random factors of each hidden layer, for the rows of a batch. */
  #dropout(first: number, count: number): Tensor[] {
    const { dropout, layout, offsets } = this.#network;
    return dropout.map((table, index) => {
      const { outputs } = layout.layers[index]!;
      const factors = new Float32Array(count * outputs);
      for (let row = 0; row < count; row++) {
        const from = offsets[first + row]! / 4;
        factors.set(table.subarray(from, from + outputs), row * outputs);
      }
      return this.#tf.tensor2d(factors, [count, outputs]);
    });
  }

  /** @param statistics takes means and variances of each hidden layer, with normalisation */
  #forward(
    inputs: Tensor2D,
    parameters: readonly Tensor[],
    drops: readonly Tensor[],
    statistics: Float32Array[],
  ): Tensor {
    const tf = this.#tf;
    const last = this.#network.layout.layers.length - 1;
    let values: Tensor = inputs;
    for (let index = 0; index <= last; index++) {
      const [weights, biases] = [parameters[2 * index]!, parameters[2 * index + 1]!];
      const scales = parameters[2 * (last + 1) + index];
      values = tf.matMul(values, weights);
      if (scales) values = tf.mul(normalised(tf, values, statistics), scales);
      values = tf.add(values, biases);
      if (index < last) values = activated(tf, this.#shape.activation, values);
      const drop = drops[index];
      if (drop) values = tf.mul(values, drop);
    }
    return values;
  }

  /** The clean rows of a batch and their corrupted copies, without padding. */
  #gather(first: number, count: number, { noise, masking }: Corruption): void {
    const { order, offsets, stride, rows } = this.#network;
    const width = this.#width;
    if (this.#clean.length < count * width) {
      this.#clean = new Float32Array(count * width);
      this.#corrupted = new Float32Array(count * width);
    }
    for (let row = 0, at = 0; row < count; row++) {
      const from = order[first + row]! * stride;
      const table = offsets[first + row]! / 4;
      for (let i = 0; i < width; i++, at++) {
        const clean = rows[from + i]!;
        let value = clean;
        if (noise !== 0) value += noise * this.#network.noise[table + i]!;
        if (masking) value *= this.#network.mask[table + i]!;
        this.#clean[at] = clean;
        this.#corrupted[at] = value;
      }
    }
  }
}

/** Values less their mean over the rows, over their deviation; appends means and variances to `statistics`. */
function normalised(tf: typeof tfCore, values: Tensor, statistics: Float32Array[]): Tensor {
  const { mean, variance } = tf.moments(values, 0);
  statistics.push(mean.dataSync<'float32'>().slice(), variance.dataSync<'float32'>().slice());
  return tf.mul(tf.sub(values, mean), tf.rsqrt(tf.add(variance, VARIANCE_FLOOR)));
}

function joined(parts: readonly Float32Array[], rows: number): BatchStatistics {
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { values, rows };
}

function activated(tf: typeof tfCore, activation: Activation, values: Tensor): Tensor {
  switch (activation) {
    case 'relu':
      return tf.relu(values);
    case 'tanh':
      return tf.tanh(values);
    case 'elu':
      return tf.elu(values);
  }
}

/** The losses of the default backend, see `scalar-functions.ts` and the kernel `loss`. */
function lossOf(tf: typeof tfCore, loss: Loss, residual: Tensor): Tensor {
  if (loss === 'mse') return tf.square(residual);
  const magnitude = tf.abs(residual);
  if (loss === 'huber') {
    const inner = tf.minimum(magnitude, HUBER_BOUND);
    return tf.mul(tf.sub(tf.mul(magnitude, 2), inner), inner);
  }
  return tf.mul(tf.sub(tf.add(magnitude, tf.log1p(tf.exp(tf.mul(magnitude, -2)))), Math.LN2), 2);
}
