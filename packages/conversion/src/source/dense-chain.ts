import { UserError } from '@edgeguard/contracts';
import { TfliteError } from '@edgeguard/tflite';
import { parseLayersModel, toDenseChain } from '@edgeguard/tflite/layers';
import type { DenseLayer } from '@edgeguard/tflite/quantize';
import type { AutoencoderFiles } from './autoencoder-files.ts';

/**
 * The autoencoder as dense layers, read without TensorFlow.js: a path to the artifact that shares no code with the source
 * that it is verified against.
 *
 * @param width D, what the transform gives and the autoencoder must take and give
 */
export function readDenseChain({ place, json, weights }: AutoencoderFiles, width: number): DenseLayer[] {
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
  try {
    const chain = toDenseChain(
      parseLayersModel({ modelTopology: json.modelTopology, weightSpecs, weightData: weights }),
    );
    if (chain.at(0)?.width !== width || chain.at(-1)?.units !== width) {
      throw new UserError(
        place,
        `it takes ${chain.at(0)?.width} values and gives ${chain.at(-1)?.units} where the transform has ${width}`,
        'run the stage train again',
      );
    }
    return chain;
  } catch (error) {
    if (!(error instanceof TfliteError)) throw error;
    throw new UserError(place, `cannot be converted: ${error.message}`, 'train an autoencoder of dense layers', {
      cause: error,
    });
  }
}
