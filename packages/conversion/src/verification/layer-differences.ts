import { ReferenceEngine } from '@edgeguard/tflite/engines';
import { readModel } from '@edgeguard/tflite/model';
import { AUTOENCODER_PREFIX } from '../graph/autoencoder-bytes.ts';
import type { LayerOutput } from '../source/source-model.ts';
import type { LayerDifference } from './verification-document.ts';

/** Rows on which layers are compared. */
export const LAYER_ROWS = 512;

/**
 * How far each layer of an artifact's autoencoder is from the source's, as it builds up from layer to layer: where a
 * difference comes from. By the reference engine; int8 tensors as the values that their steps stand for.
 *
 * @param rows  raw rows [count, F]
 * @param wanted what TensorFlow.js gives for the same rows, layer by layer
 */
export function layerDifferences(
  artifact: Uint8Array,
  rows: Float32Array,
  count: number,
  wanted: readonly LayerOutput[],
): LayerDifference[] {
  const model = readModel(artifact);
  const engine = new ReferenceEngine(model);
  engine.resize(count);
  engine.compute([rows.subarray(0, count * (engine.inputs[0]!.length / count))]);
  const differences: LayerDifference[] = [];
  for (const { layer, values } of wanted) {
    const found = engine.tensor(AUTOENCODER_PREFIX + layer);
    const tensor = model.subgraphs[0]!.tensors.find(({ name }) => name === AUTOENCODER_PREFIX + layer);
    if (!found || !tensor) continue;
    const scale = tensor.type === 'int8' ? (tensor.quantization?.scale[0] ?? 1) : 1;
    const zeroPoint = tensor.type === 'int8' ? (tensor.quantization?.zeroPoint[0] ?? 0) : 0;
    differences.push({
      layer,
      type: tensor.type,
      ...difference(values, (i) => (Number(found[i]!) - zeroPoint) * scale),
    });
  }
  engine.dispose();
  return differences;
}

/** Root mean square and largest difference, as shares of the root mean square and of the largest magnitude. */
function difference(wanted: Float32Array, found: (index: number) => number): { relative: number; largest: number } {
  let squares = 0;
  let power = 0;
  let most = 0;
  let magnitude = 0;
  for (let i = 0; i < wanted.length; i++) {
    const distance = Math.abs(found(i) - wanted[i]!);
    squares += distance ** 2;
    power += wanted[i]! ** 2;
    most = Math.max(most, distance);
    magnitude = Math.max(magnitude, Math.abs(wanted[i]!));
  }
  // A layer that gives nothing but zeros is compared as it is.
  return { relative: Math.sqrt(squares / (power || 1)), largest: most / (magnitude || 1) };
}
