import { convertLayersModel, parseLayersModel, type LayersModel } from '../../src/layers/index.ts';
import { runOnce } from './engines.ts';

export interface LayerSpec {
  readonly className: string;
  /** Default: `layer` and its number. */
  readonly name?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
}

/** Where the weights of a layer lie. Keras 2 has no scope for those of Normalization. */
function scopeOf(spec: LayerSpec, i: number): string {
  return spec.className === 'Normalization' ? '' : `scope/${spec.name ?? `layer${i}`}/`;
}

/** A Sequential model as Keras writes it, from layers whose weights are given. */
export function sequential(inputShape: readonly number[], specs: readonly LayerSpec[]): LayersModel {
  const layers = specs.map((spec, i) => ({
    class_name: spec.className,
    config: {
      name: spec.name ?? `layer${i}`,
      ...(i === 0 ? { batch_input_shape: [null, ...inputShape] } : {}),
      ...spec.config,
    },
  }));
  const entries = specs.flatMap((spec, i) =>
    Object.entries(spec.weights ?? {}).map(([name, weight]) => ({ name: `${scopeOf(spec, i)}${name}:0`, weight })),
  );
  return parseLayersModel({
    modelTopology: {
      keras_version: '2.15',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 'm', layers } },
    },
    weightSpecs: entries.map(({ name, weight }) => ({ name, shape: weight.shape, dtype: 'float32' })),
    weightData: new Uint8Array(Float32Array.from(entries.flatMap(({ weight }) => weight.values)).buffer),
  });
}

/** What the converted model makes of one input, rounded to five digits behind the point. */
export async function compute(source: LayersModel, input: readonly number[], batch = 1): Promise<number[]> {
  const [output] = await runOnce(convertLayersModel(source), 'reference', [Float32Array.from(input)], batch);
  return Array.from(output, (value) => Math.round(value * 1e5) / 1e5);
}
