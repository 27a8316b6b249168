import type { EngineData } from '../model/tensor-types.ts';
import { elementCount, type Model, type Tensor } from '../model/types.ts';
import { indexBounds } from './index-inputs.ts';

/** Rows that a model is tried on, one array for each input. */
export interface TrialRows {
  readonly name: string;
  readonly inputs: readonly EngineData[];
  readonly count: number;
}

/** Rows of each group: enough that an output does not cancel out to nothing in all of them. */
const COUNT = 8;
/** Rows in place of representative ones where none are given. */
const ORDINARY_COUNT = 256;

/** Magnitudes that float32 arithmetic stumbles over. */
const GROUPS: readonly (readonly [name: string, magnitudes: readonly number[]])[] = [
  ['zeros and the smallest', [0, 1e-45, 1e-40, 1.1754944e-38]],
  ['tiny', [1e-20, 1e-8]],
  ['large', [1e3]],
  ['very large', [1e6]],
];

/**
 * Rows that try the borders of the arithmetic: zeros and the smallest numbers, tiny, large and very large magnitudes with either
 * sign, and, where there are representative rows, each column at its extremes and ten times beyond. Always the same rows.
 *
 * @param smallest magnitude but for zero
 */
export function adversarialTrials(
  model: Model,
  representative: readonly EngineData[] | undefined,
  smallest: number,
): TrialRows[] {
  const random = stream(1);
  const sign = (): number => (random() < 0.5 ? -1 : 1);
  const trials = GROUPS.map(([name, all]): TrialRows => {
    const magnitudes = all.filter((magnitude) => magnitude === 0 || magnitude >= smallest);
    const inputs = inputTensors(model).map((tensor) =>
      fill(tensor, COUNT, (i) => sign() * magnitudes[i % magnitudes.length]),
    );
    return { name, inputs, count: COUNT };
  });
  if (representative !== undefined) trials.push(extremes(model, representative));
  return trials;
}

/**
 * Rows from a normal distribution, for a model of which no rows are given; where an input chooses rows of a table, whole
 * numbers that it has. Always the same ones.
 */
export function ordinaryTrial(model: Model): TrialRows {
  const random = stream(2);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const bounds = indexBounds(model);
  const inputs = inputTensors(model).map((tensor, i) => {
    const bound = bounds.get(model.subgraphs[0].inputs[i]);
    return fill(tensor, ORDINARY_COUNT, bound === undefined ? normal : () => Math.floor(random() * bound));
  });
  return { name: 'normal deviates', inputs, count: ORDINARY_COUNT };
}

function extremes(model: Model, representative: readonly EngineData[]): TrialRows {
  const inputs = inputTensors(model).map((tensor, k) => {
    const width = elementCount(tensor.shape.slice(1));
    const [low, high] = [new Float64Array(width).fill(Infinity), new Float64Array(width).fill(-Infinity)];
    for (let i = 0; i < representative[k].length; i++) {
      low[i % width] = Math.min(low[i % width], representative[k][i]);
      high[i % width] = Math.max(high[i % width], representative[k][i]);
    }
    const row = (r: number, i: number): number => {
      const end = (r + (r >= COUNT / 2 ? i : 0)) % 2 === 0 ? low[i] : high[i];
      return r % 4 < 2 ? end : 10 * end;
    };
    return fill(tensor, COUNT, (i) => row(Math.floor(i / width), i % width));
  });
  return { name: 'extremes of the rows and ten times beyond', inputs, count: COUNT };
}

function inputTensors(model: Model): Tensor[] {
  return model.subgraphs[0].inputs.map((index) => model.subgraphs[0].tensors[index]);
}

function fill({ shape, type }: Tensor, count: number, value: (i: number) => number): EngineData {
  const length = count * elementCount(shape.slice(1));
  if (type === 'int8') return Int8Array.from({ length }, (_, i) => value(i));
  if (type === 'int32') return Int32Array.from({ length }, (_, i) => value(i));
  return Float32Array.from({ length }, (_, i) => value(i));
}

/** Repeatable numbers in [0, 1) (mulberry32). */
function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
