import type { ResidualPenalty, ScorerDocument, SplitUses } from '@edgeguard/contracts';
import { SeededRandom } from '@edgeguard/transform';

/** A dense layer by hand: kernel [in, out] as TensorFlow.js keeps it. */
export interface HandmadeLayer {
  readonly inputs: number;
  readonly units: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly activation: 'relu' | 'linear';
}

/**
 * An autoencoder without training: principal components of the inputs [count, width], each sent through a pair of ReLUs
 * (so that the pair passes it unchanged), with a random rotation of the pairs in between when there are more layers.
 */
export function principalAutoencoder(
  inputs: Float32Array,
  count: number,
  width: number,
  components: number,
): HandmadeLayer[] {
  const directions = principalDirections(inputs, count, width, components);
  const pairs = 2 * components;
  const encode = new Float32Array(width * pairs);
  const decode = new Float32Array(pairs * width);
  for (let c = 0; c < components; c++) {
    for (let i = 0; i < width; i++) {
      const weight = directions[c]![i]!;
      encode[i * pairs + 2 * c] = weight;
      encode[i * pairs + 2 * c + 1] = -weight;
      decode[2 * c * width + i] = weight;
      decode[(2 * c + 1) * width + i] = -weight;
    }
  }
  const random = new SeededRandom(5);
  const small = (length: number): Float32Array => Float32Array.from({ length }, () => 0.02 * (random.uniform() - 0.5));
  return [
    { inputs: width, units: pairs, kernel: encode, bias: small(pairs), activation: 'relu' },
    { inputs: pairs, units: width, kernel: decode, bias: small(width), activation: 'linear' },
  ];
}

/** Directions of the largest variance, by power iteration with deflation. */
function principalDirections(inputs: Float32Array, count: number, width: number, components: number): Float64Array[] {
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) {
      const x = inputs[row * width + i]! / count;
      for (let j = 0; j < width; j++) covariance[i * width + j]! += x * inputs[row * width + j]!;
    }
  }
  const directions: Float64Array[] = [];
  for (let c = 0; c < components; c++) {
    let direction = Float64Array.from({ length: width }, (_, i) => Math.cos(i * (c + 1)) + 0.1);
    let length = 0;
    for (let step = 0; step < 100; step++) {
      const next = new Float64Array(width);
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) next[i]! += covariance[i * width + j]! * direction[j]!;
      }
      length = Math.hypot(...next);
      direction = next.map((v) => v / length);
    }
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) covariance[i * width + j]! -= length * direction[i]! * direction[j]!;
    }
    directions.push(direction);
  }
  return directions;
}

/** `model.json` and its weights as TensorFlow.js writes a Sequential model of dense layers. */
export function layersModel(layers: readonly HandmadeLayer[]): { json: object; weights: Uint8Array } {
  const config = layers.map((layer, index) => ({
    class_name: 'Dense',
    config: {
      units: layer.units,
      activation: layer.activation,
      use_bias: true,
      name: `dense_${index}`,
      trainable: true,
      ...(index === 0 ? { batch_input_shape: [null, layer.inputs], dtype: 'float32' } : {}),
    },
  }));
  const weights = layers.flatMap((layer, index) => [
    { name: `dense_${index}/kernel`, shape: [layer.inputs, layer.units], dtype: 'float32' },
    { name: `dense_${index}/bias`, shape: [layer.units], dtype: 'float32' },
  ]);
  const parts = layers.flatMap(({ kernel, bias }) => [kernel, bias]);
  const bytes = Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)));
  return {
    json: {
      format: 'layers-model',
      generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
      convertedBy: null,
      modelTopology: {
        class_name: 'Sequential',
        config: { name: 'autoencoder', layers: config },
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
      },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    },
    weights: new Uint8Array(bytes),
  };
}

/** A scorer with the residuals' mean and scale, and a whitening matrix that is not symmetric, so that a transpose shows. */
export function handmadeScorer(
  residual: Float32Array,
  count: number,
  width: number,
  splits: SplitUses,
  penalty: ResidualPenalty = { kind: 'whitened-residual' },
): ScorerDocument {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) {
      const r = residual[row * width + i]!;
      mean[i]! += r / count;
      square[i]! += (r * r) / count;
    }
  }
  const variances = square.map((s, i) => s - mean[i]! ** 2);
  const shrink = (0.1 * variances.reduce((a, b) => a + b, 0)) / width;
  const whitening = Array.from({ length: width * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const size = 1 / Math.sqrt(variances[column]! + shrink);
    return row === column ? size : 0.1 * size * Math.sin(3 * row + column);
  });
  return {
    format: 'edgeguard.scorer',
    version: 1,
    penalty,
    shrinkage: 0.1,
    mean: Array.from(mean),
    whitening,
    evidenceWeight: 0.5,
    rows: count,
    splits,
  };
}
