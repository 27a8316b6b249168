import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { io, Tensor } from '@tensorflow/tfjs-core';
import type { SourceOracle } from '@edgeguard/tflite/inspect';

/**
 * A LayersModel in TensorFlow.js, in plain JavaScript arithmetic (its backend `cpu`). `run` throws for models that
 * TensorFlow.js does not know, such as those with Keras layers that it lacks.
 *
 * @param path a `model.json` or its folder, which `readLayersModel` has checked
 */
export function tensorFlowOracle(path: string): SourceOracle {
  return {
    name: 'TensorFlow.js',
    run: async (inputs, count) => {
      await import('@tensorflow/tfjs-backend-cpu');
      const tf = await import('@tensorflow/tfjs-core');
      const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
      // Else it advertises a faster backend on standard error.
      tf.enableProdMode();
      await tf.setBackend('cpu');
      const artifacts = await readArtifacts(path);
      const model = await loadLayersModel({ load: () => Promise.resolve(artifacts) });
      try {
        return tf.tidy(() => {
          const tensors = model.inputs.map(({ shape }, i) =>
            tf.tensor(inputs[i] as Float32Array, [count, ...(shape.slice(1) as number[])]),
          );
          const outputs = model.predict(tensors.length === 1 ? tensors[0]! : tensors, { batchSize: count });
          const list: Tensor[] = Array.isArray(outputs) ? outputs : [outputs];
          return list.map((output) => output.dataSync() as Float32Array | Int32Array);
        });
      } finally {
        model.dispose();
      }
    },
  };
}

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: string[]; readonly weights: io.WeightsManifestEntry[] }[];
}

async function readArtifacts(path: string): Promise<io.ModelArtifacts> {
  const file = (await stat(path)).isDirectory() ? join(path, 'model.json') : path;
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(file, 'utf8')) as ModelJson;
  const names = weightsManifest.flatMap(({ paths }) => paths);
  const parts = await Promise.all(names.map((name) => readFile(join(dirname(file), name))));
  return {
    modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: new Uint8Array(Buffer.concat(parts)).buffer,
  };
}
