import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem, formatJson, type TrainConfig, UserError } from '@edgeguard/contracts';
import type { io } from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';
import type { NetworkLayout } from '../network/layout.ts';
import { loadTensorFlow } from './tensorflow.ts';

/** Files of a LayersModel as `tf.loadLayersModel` expects them. */
export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'group1-shard1of1.bin';

/** The trained network as a TensorFlow.js model. */
export async function buildLayersModel(
  layout: NetworkLayout,
  activation: TrainConfig['network']['activation'],
  parameters: Float32Array,
): Promise<tfLayers.Sequential> {
  const { tf, layers } = await loadTensorFlow();
  const model = layers.sequential({ name: 'autoencoder' });
  const last = layout.layers.length - 1;
  for (const [index, { inputs, outputs }] of layout.layers.entries()) {
    model.add(
      layers.layers.dense({
        name: index === last ? 'reconstruction' : `hidden_${index + 1}`,
        units: outputs,
        activation: index === last ? 'linear' : activation,
        ...(index === 0 ? { inputShape: [inputs] } : {}),
      }),
    );
  }
  let at = 0;
  const tensors = layout.layers.flatMap(({ inputs, outputs }) => {
    const weights = tf.tensor2d(parameters.slice(at, at + inputs * outputs), [inputs, outputs]);
    at += inputs * outputs;
    const biases = tf.tensor1d(parameters.slice(at, at + outputs));
    at += outputs;
    return [weights, biases];
  });
  model.setWeights(tensors);
  tf.dispose(tensors);
  return model;
}

/** Writes a model as `model.json` and one weights file. `place` gives the path of a file by its name. */
export async function saveLayersModel(model: tfLayers.LayersModel, place: (name: string) => string): Promise<void> {
  const { tf } = await loadTensorFlow();
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const weights = artifacts.weightData;
      if (!weights || Array.isArray(weights)) throw new Error('TensorFlow.js gave the weights in parts');
      const document = {
        format: 'layers-model',
        generatedBy: artifacts.generatedBy ?? null,
        convertedBy: null,
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: [WEIGHTS_FILE], weights: artifacts.weightSpecs }],
      };
      await writeFiles([
        [place(MODEL_FILE), formatJson(document)],
        [place(WEIGHTS_FILE), new Uint8Array(weights)],
      ]);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
}

/** Opens a model that {@link saveLayersModel} wrote. Throws a UserError for missing or damaged files. */
export async function openLayersModel(folder: string): Promise<tfLayers.LayersModel> {
  const { tf, layers } = await loadTensorFlow();
  const path = join(folder, MODEL_FILE);
  try {
    const document = JSON.parse(await readFile(path, 'utf8')) as {
      modelTopology: object;
      weightsManifest: { paths: string[]; weights: io.WeightsManifestEntry[] }[];
    };
    const [group] = document.weightsManifest;
    const bytes = await readFile(join(folder, WEIGHTS_FILE));
    return await layers.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: document.modelTopology,
        weightSpecs: group!.weights,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      }),
    );
  } catch (error) {
    const problem = fileProblem(path, error);
    if (problem !== error) throw problem;
    throw new UserError(path, `not a model (${(error as Error).message})`, 'run the stage train again', {
      cause: error,
    });
  }
}

async function writeFiles(files: readonly (readonly [path: string, content: string | Uint8Array])[]): Promise<void> {
  for (const [path, content] of files) {
    try {
      await writeFile(path, content);
    } catch (error) {
      throw fileProblem(path, error);
    }
  }
}
