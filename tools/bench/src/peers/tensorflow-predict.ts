import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { costPerRow, runFor, WARM_UP_SECONDS } from '@edgeguard/tflite/inspect';
import { BATCHES, RUNS } from '../inference/engine-cost.ts';
import { useWasm } from './tensorflow-wasm.ts';

/**
 * Microseconds of CPU per row of `model.predict` of a LayersModel in TensorFlow.js on wasm, at each batch: rows from an
 * array and results into one, as engines take and give them, and the whole batch at once.
 *
 * @param folder with `model.json` and its weights
 */
export async function predictCost(folder: string, rows: Float32Array): Promise<number[]> {
  await useWasm();
  const model = await loadModel(folder);
  const width = model.inputs[0]!.shape[1]!;
  try {
    return BATCHES.map((batch) => {
      const values = Float32Array.from({ length: batch * width }, (_, i) => rows[i % rows.length]!);
      let results: ArrayLike<number> = [];
      const predict = (): void => {
        // Nothing is returned: tidy looks for tensors in what is, element by element.
        tf.tidy(() => {
          const predicted = model.predict(tf.tensor2d(values, [batch, width]), { batchSize: batch }) as tf.Tensor;
          results = predicted.dataSync();
        });
      };
      if (batch === BATCHES[0]) runFor(WARM_UP_SECONDS.wasm, predict);
      const cost = costPerRow(batch, RUNS, predict);
      if (results.length !== values.length) throw new Error('TensorFlow.js gave another number of results');
      return cost;
    });
  } finally {
    model.dispose();
  }
}

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: string[]; readonly weights: tf.io.WeightsManifestEntry[] }[];
}

async function loadModel(folder: string): Promise<layers.LayersModel> {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelJson;
  const bytes = Buffer.concat(
    weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path)))),
  );
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const weightData = new Uint8Array(bytes).buffer;
  return layers.loadLayersModel({ load: () => Promise.resolve({ modelTopology, weightSpecs, weightData }) });
}
