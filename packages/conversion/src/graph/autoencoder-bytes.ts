import { bytesPerElement, elementCount, isConstant, type Model } from '@edgeguard/tflite/model';

/** What the names of the autoencoder's tensors in a detector's graph begin with. */
export const AUTOENCODER_PREFIX = 'autoencoder/';

/** Bytes of the constants of the autoencoder in a detector's graph: its weights and biases. */
export function autoencoderBytes(model: Model): number {
  return model.subgraphs[0]!.tensors.filter(
    (tensor) => tensor.name.startsWith(AUTOENCODER_PREFIX) && isConstant(model, tensor),
  ).reduce((sum, { shape, type }) => sum + elementCount(shape) * bytesPerElement(type), 0);
}
