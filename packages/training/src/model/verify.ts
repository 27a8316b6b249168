import type { Tensor } from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';
import type { TrainedAutoencoder } from '../loop/train-autoencoder.ts';
import type { Pause } from '../loop/windowed-rows.ts';
import { loadTensorFlow } from './tensorflow.ts';

/** How far TensorFlow.js may be from the training loop, in deviations: both are float32, with other orders of sums. */
const TOLERANCE = 1e-3;

/**
 * Largest difference between what the saved model and the training loop reconstruct, on some validation rows.
 *
 * @throws Error when they differ by more than rounding: then one of them is wrong, and no model may leave the stage
 */
export async function verifyModel(
  model: tfLayers.LayersModel,
  trained: TrainedAutoencoder,
  pause: Pause,
): Promise<number> {
  const { tf } = await loadTensorFlow();
  const { network } = trained;
  const { width } = trained.validation.store;
  let largest = 0;
  let parts = 0;
  await trained.validation.forEachPart(pause, (first, count) => {
    if (parts++ >= 8) return;
    const wanted = network.reconstruct(first, count);
    const rows = network.rows.subarray(network.order[first]! * network.stride);
    const inputs = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      inputs.set(rows.subarray(row * network.stride, row * network.stride + width), row * width);
    }
    const predicted = tf.tidy(() => {
      const output = model.predict(tf.tensor2d(inputs, [count, width])) as Tensor;
      return output.dataSync() as Float32Array;
    });
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < width; i++) {
        const want = wanted[row * network.stride + i]!;
        const difference = Math.abs(predicted[row * width + i]! - want) / Math.max(1, Math.abs(want));
        if (!(difference <= largest)) largest = difference;
      }
    }
  });
  if (!(largest <= TOLERANCE)) {
    throw new Error(`the saved model differs from the trained network by ${largest}`);
  }
  return largest;
}
