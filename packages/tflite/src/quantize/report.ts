import { ReferenceEngine } from '../engines/reference/reference.ts';
import { isConstant } from '../model/constants.ts';
import { outputEntries } from '../model/prune.ts';
import type { EngineData } from '../model/tensor-types.ts';
import type { Model } from '../model/types.ts';
import type { TensorRanges } from './calibrate.ts';
import { toInt8 } from './int8.ts';

/** How far a tensor of a quantised model is from that of its float source. */
export interface TensorError {
  readonly tensor: string;
  /** Root mean squared error over the root mean square of the float values. */
  readonly relative: number;
  /** Largest absolute difference, in units of the tensor. */
  readonly largest: number;
}

/** What quantising one operator alone costs at the outputs. */
export interface LayerCost {
  /** Name of the operator's output tensor. */
  readonly layer: string;
  readonly outputs: readonly TensorError[];
}

/**
 * Compares every tensor that a float model and its quantised form have in common, by name, on representative rows:
 * the error as it builds up through the graph, in the order of the float model's operators.
 *
 * @param inputs one array for each input, all of `batch` rows.
 */
export function tensorErrors(
  float: Model,
  quantized: Model,
  inputs: readonly EngineData[],
  batch: number,
): TensorError[] {
  const [expected, actual] = [float, quantized].map((model) => {
    const engine = new ReferenceEngine(model);
    engine.resize(batch);
    engine.compute(inputs);
    return engine;
  });
  const [subgraph] = float.subgraphs;
  const names = subgraph.operators.flatMap((operator) =>
    operator.outputs.map((output) => subgraph.tensors[output].name),
  );
  const errors: TensorError[] = [];
  for (const name of names) {
    const want = expected.tensor(name);
    const tensor = quantized.subgraphs[0].tensors.find((each) => each.name === name);
    const got = actual.tensor(name);
    if (!(want instanceof Float32Array) || got === undefined || tensor === undefined || isConstant(quantized, tensor))
      continue;
    const scale = tensor.type === 'int8' ? (tensor.quantization?.scale[0] ?? 1) : 1;
    const zeroPoint = tensor.type === 'int8' ? (tensor.quantization?.zeroPoint[0] ?? 0) : 0;
    errors.push(tensorError(name, want, (i) => (got[i] - zeroPoint) * scale));
  }
  return errors;
}

function tensorError(tensor: string, expected: Float32Array, actual: (i: number) => number): TensorError {
  let squares = 0;
  let power = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = actual(i) - expected[i];
    squares += difference * difference;
    power += expected[i] * expected[i];
    largest = Math.max(largest, Math.abs(difference));
  }
  return { tensor, relative: power === 0 ? (squares === 0 ? 0 : Infinity) : Math.sqrt(squares / power), largest };
}

/**
 * Says which layers cost accuracy in int8: quantises one operator at a time, leaves the rest in float, and measures the
 * outputs. Sorted by what they cost, the dearest first; those are the ones to name in `keepFloat`.
 *
 * @param inputs one array for each input, all of `batch` rows.
 */
export function layerCosts(
  float: Model,
  ranges: TensorRanges,
  inputs: readonly EngineData[],
  batch: number,
): LayerCost[] {
  const { quantized } = toInt8(float, ranges).report;
  const expected = run(float, inputs, batch);
  const costs = quantized.map((layer): LayerCost => {
    const actual = run(toInt8(float, ranges, { only: [layer] }).model, inputs, batch);
    return {
      layer,
      outputs: expected.map(({ name, values }, i) => tensorError(name, values, (k) => actual[i].values[k])),
    };
  });
  const worst = (cost: LayerCost): number => Math.max(...cost.outputs.map((output) => output.relative));
  return costs.toSorted((a, b) => worst(b) - worst(a));
}

function run(model: Model, inputs: readonly EngineData[], batch: number): { name: string; values: Float32Array }[] {
  const engine = new ReferenceEngine(model);
  engine.resize(batch);
  const outputs = engine.outputs.map((info) => new Float32Array(info.length));
  engine.run(inputs, outputs);
  engine.dispose();
  return outputEntries(model).map((entry, i) => ({ name: entry.name, values: outputs[i] }));
}
