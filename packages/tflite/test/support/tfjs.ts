import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { parseLayersModel, type LayersModel, type WeightSpec } from '../../src/layers/index.ts';

/** A TensorFlow.js model as this package reads it, by the bytes that TensorFlow.js saves. */
export async function saved(model: tfl.LayersModel): Promise<LayersModel> {
  let result: LayersModel | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const data = artifacts.weightData;
      result = parseLayersModel({
        modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)) as unknown,
        weightSpecs: (artifacts.weightSpecs ?? []) as WeightSpec[],
        weightData: new Uint8Array(
          data instanceof ArrayBuffer ? data : Buffer.concat((data ?? []).map((part) => Buffer.from(part))),
        ),
      });
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  if (result === undefined) throw new Error('TensorFlow.js saved nothing');
  return result;
}

/** What TensorFlow.js computes, one array for each output. */
export function predict(model: tfl.LayersModel, inputs: readonly Float32Array[], batch: number): Float32Array[] {
  return tf.tidy(() => {
    const tensors = model.inputs.map((input, i) =>
      tf.tensor(inputs[i], [batch, ...(input.shape.slice(1) as number[])]),
    );
    const outputs = model.predict(tensors.length === 1 ? tensors[0] : tensors);
    return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => output.dataSync() as Float32Array);
  });
}

/** Replaces every weight by a random one; variances become positive. */
export function randomizeWeights(model: tfl.LayersModel, random: () => number): void {
  tf.tidy(() => {
    model.setWeights(
      model.getWeights().map((weight, i) => {
        const variance = model.weights[i].originalName.includes('variance');
        const fan = weight.shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1);
        const values = Float32Array.from({ length: weight.size }, () =>
          variance ? 0.5 + random() : (random() * 2 - 1) / Math.sqrt(Math.max(1, fan / 3)),
        );
        return tf.tensor(values, weight.shape);
      }),
    );
  });
}
