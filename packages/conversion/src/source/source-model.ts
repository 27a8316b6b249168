import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { type LayersModel, loadLayersModel, model as modelOf, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { UserError } from '@edgeguard/contracts';
import type { AutoencoderFiles } from './autoencoder-files.ts';

/** Rows that TensorFlow.js predicts at once. */
const BATCH = 1024;

/** Layers that are converted one to one, or that do nothing. */
const UNFOLDED: ReadonlySet<string> = new Set(['AlphaDropout', 'Dense', 'Dropout', 'GaussianNoise', 'InputLayer']);

/** What a layer gives for some rows, [count, units]. */
export interface LayerOutput {
  readonly layer: string;
  readonly values: Float32Array;
}

/**
 * The autoencoder as TensorFlow.js itself runs it, on its backend of plain JavaScript, which adds up in double precision:
 * what every conversion is compared with.
 */
export class SourceModel {
  /** What computes, for reports. */
  readonly detail = `TensorFlow.js ${tf.version_core} layers, cpu backend`;
  /** D: width of input and output. */
  readonly width: number;
  readonly #model: LayersModel;

  private constructor(model: LayersModel, width: number) {
    this.#model = model;
    this.width = width;
  }

  /** @throws UserError when it is not a model of one input [batch, D] and one output of the same shape */
  static async load({ place, json, weights }: AutoencoderFiles): Promise<SourceModel> {
    // Without this flag the backend prints advice about another package, and checks every value.
    tf.env().set('PROD', true);
    await tf.setBackend('cpu');
    const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
    let model: LayersModel;
    try {
      model = await loadLayersModel(
        tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData: weights.buffer }),
      );
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new UserError(place, `TensorFlow.js cannot load it (${detail})`, 'run the stage train again', {
        cause: error,
      });
    }
    const [input, output] = [model.inputs, model.outputs].map((side) => side.map(({ shape }) => shape));
    const width = input?.[0]?.[1];
    const fits = input?.length === 1 && output?.length === 1 && input[0]!.length === 2 && output[0]!.length === 2;
    if (!fits || typeof width !== 'number' || output[0]![1] !== width) {
      throw new UserError(
        place,
        'it is no autoencoder of rows (one input, one output, both [batch, D])',
        'train it anew',
      );
    }
    return new SourceModel(model, width);
  }

  /** Reconstructs rows [count, D] into `out`. */
  reconstruct(inputs: Float32Array, count: number, out: Float32Array): void {
    for (let first = 0; first < count; first += BATCH) {
      const rows = Math.min(BATCH, count - first);
      const values = tf.tidy(() => {
        const batch = tf.tensor2d(inputs.subarray(first * this.width, (first + rows) * this.width), [rows, this.width]);
        return (this.#model.predict(batch) as tf.Tensor).dataSync<'float32'>();
      });
      out.set(values, first * this.width);
    }
  }

  /**
   * What each of the named layers gives for rows [count, D]. Nothing where the model has layers that a conversion folds
   * into others, such as batch normalisation: then its layers and the converted ones are not the same.
   */
  layerOutputs(names: readonly string[], inputs: Float32Array, count: number): LayerOutput[] {
    if (!this.#model.layers.every((layer) => UNFOLDED.has(layer.getClassName()))) return [];
    const outputs = names.map((name) => this.#model.getLayer(name).output as SymbolicTensor);
    // Shares its layers with the model: it is not disposed of, which would take them along.
    const all = modelOf({ inputs: this.#model.inputs, outputs });
    return tf.tidy(() => {
      const batch = tf.tensor2d(inputs.subarray(0, count * this.width), [count, this.width]);
      const given = all.predict(batch);
      const tensors = Array.isArray(given) ? given : [given];
      return names.map((layer, i) => ({ layer, values: tensors[i]!.dataSync<'float32'>().slice() }));
    });
  }

  dispose(): void {
    this.#model.dispose();
  }
}
