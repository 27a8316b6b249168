import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { cpuSecondsOfAsync } from '../harness/cpu-time.ts';
import { useWasm } from './tensorflow-wasm.ts';

/** The same training with TensorFlow.js's own `model.fit`, on its wasm backend with one thread. */
export async function fitWithTensorFlow(task: {
  readonly values: Float32Array;
  readonly width: number;
  readonly hidden: readonly number[];
  readonly batchSize: number;
  readonly epochs: number;
}): Promise<number> {
  await useWasm();
  const { width, batchSize, epochs } = task;
  const model = layers.sequential();
  for (const [i, units] of task.hidden.entries()) {
    model.add(layers.layers.dense({ units, activation: 'relu', ...(i === 0 ? { inputShape: [width] } : {}) }));
  }
  model.add(layers.layers.dense({ units: width }));
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'meanSquaredError' });
  const rows = tf.tensor2d(task.values, [task.values.length / width, width]);
  try {
    return await cpuSecondsOfAsync(async () => {
      await model.fit(rows, rows, { batchSize, epochs, shuffle: true, verbose: 0 });
    });
  } finally {
    rows.dispose();
    model.dispose();
  }
}
