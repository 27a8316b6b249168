import { loadModelEngine, type LoadOptions } from '../engines/load.ts';
import type { EngineName } from '../engines/engine.ts';
import { outputEntries } from '../model/prune.ts';
import { tensorArray, type EngineData } from '../model/tensor-types.ts';
import type { Model } from '../model/types.ts';
import { describeModel } from './describe.ts';

/** How an engine's output differs from the reference engine's on the same rows. */
export interface OutputDifference {
  readonly engine: EngineName;
  readonly output: string;
  readonly largest: number;
  /** `largest` over the largest magnitude of the reference's output. */
  readonly relative: number;
  /** Share of the elements that are not identical. */
  readonly share: number;
}

/** Below this, differences are absolute: subnormals keep few digits, or none, on some processors. */
const SMALLEST_MAGNITUDE = 1e-30;

/** Engines that were asked for but do not load, with the reason. */
export interface Comparison {
  readonly differences: readonly OutputDifference[];
  readonly missing: Readonly<Partial<Record<EngineName, string>>>;
}

/**
 * Runs a model on the same rows in several engines and compares each with the reference engine.
 *
 * @param inputs one array for each input, all of `batch` rows.
 */
export async function compareEngines(
  model: Model,
  inputs: readonly EngineData[],
  batch: number,
  engines: readonly EngineName[] = ['native', 'wasm'],
  options: Omit<LoadOptions, 'engine' | 'outputs'> = {},
): Promise<Comparison> {
  const names = outputEntries(model).map((entry) => entry.name);
  const expected = await runModel(model, inputs, batch, { ...options, engine: 'reference' });
  const differences: OutputDifference[] = [];
  const missing: Partial<Record<EngineName, string>> = {};
  for (const engine of engines) {
    let actual: readonly EngineData[];
    try {
      actual = await runModel(model, inputs, batch, { ...options, engine });
    } catch (error) {
      missing[engine] = error instanceof Error ? error.message : String(error);
      continue;
    }
    names.forEach((output, i) => {
      const { largest, relative, share } = difference(expected[i], actual[i]);
      differences.push({ engine, output, largest, relative, share });
    });
  }
  return { differences, missing };
}

/** Bytes of computed tensors that {@link runModel} asks of an engine at once, where rows are few enough for that. */
const BYTES_AT_ONCE = 2 ** 27;

/**
 * Runs rows of a model in an engine; gives its outputs in new arrays. Rows of which the computed tensors would take very much
 * memory are computed in several batches, as if they did not depend on each other.
 */
export async function runModel(
  model: Model,
  inputs: readonly EngineData[],
  batch: number,
  options: LoadOptions = {},
): Promise<EngineData[]> {
  const engine = await loadModelEngine(model, options);
  try {
    const most = Math.min(batch, rowsAtOnce(model));
    engine.resize(most);
    const widths = engine.inputs.map((info) => info.length / most);
    const outputWidths = engine.outputs.map((info) => info.length / most);
    const outputs = engine.outputs.map((info, i) => {
      const length = outputWidths[i] * batch;
      // Engines hand out only element types of up to four bytes: there is an array for each.
      return tensorArray(info.type, new ArrayBuffer(length * 8), 0, length) as EngineData;
    });
    for (let start = 0; start < batch; start += most) {
      const end = Math.min(start + most, batch);
      const cut = (values: EngineData, width: number): EngineData =>
        values.subarray(start * width, end * width) as EngineData;
      engine.resize(end - start);
      engine.run(
        inputs.map((values, i) => cut(values, widths[i])),
        outputs.map((values, i) => cut(values, outputWidths[i])),
      );
    }
    return outputs;
  } finally {
    engine.dispose();
  }
}

function rowsAtOnce(model: Model): number {
  const { tensors, inputs } = model.subgraphs[0];
  const rowsInFile = Math.max(1, tensors[inputs[0]]?.shape[0] ?? 1);
  const bytes = describeModel(model).computedBytes / rowsInFile;
  return Math.max(1, Math.floor(BYTES_AT_ONCE / Math.max(1, bytes)));
}

/** How far values are from those expected. Equal infinities, and NaN in both, are no difference. */
export function difference(
  expected: EngineData,
  actual: EngineData,
): { largest: number; magnitude: number; relative: number; share: number } {
  let largest = 0;
  let different = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(expected[i], actual[i]) || expected[i] === actual[i]) continue;
    different++;
    // NaN in one of the two is the worst difference there is.
    const distance = Math.abs(expected[i] - actual[i]);
    largest = Math.max(largest, Number.isNaN(distance) ? Infinity : distance);
  }
  const magnitude = largestMagnitude(expected);
  return {
    largest,
    magnitude,
    relative: magnitude < SMALLEST_MAGNITUDE ? largest : largest / magnitude,
    share: different / Math.max(1, expected.length),
  };
}

/** Largest magnitude of the finite values. */
export function largestMagnitude(values: EngineData): number {
  let magnitude = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > magnitude && size < Infinity) magnitude = size;
  }
  return magnitude;
}
