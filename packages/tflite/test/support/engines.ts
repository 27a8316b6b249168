import type { EngineData, Model } from '../../src/model/index.ts';
import { elementCount } from '../../src/model/index.ts';
import { loadModelEngine, type Engine, type EngineName } from '../../src/engines/index.ts';

export const ENGINES: readonly EngineName[] = ['native', 'wasm', 'reference'];

/** Output arrays that fit an engine at its current batch. */
export function outputArrays(engine: Engine): EngineData[] {
  return engine.outputs.map((info) => {
    if (info.type === 'int8') return new Int8Array(info.length);
    if (info.type === 'int32') return new Int32Array(info.length);
    return new Float32Array(info.length);
  });
}

/** Runs a model once in an engine; gives its outputs. */
export async function runOnce(
  model: Model,
  name: EngineName,
  inputs: readonly EngineData[],
  batch: number,
): Promise<EngineData[]> {
  const engine = await loadModelEngine(model, { engine: name });
  try {
    engine.resize(batch);
    const outputs = outputArrays(engine);
    engine.run(inputs, outputs);
    return outputs;
  } finally {
    engine.dispose();
  }
}

/** Largest difference of two arrays, relative to the largest magnitude of the first. */
export function relativeError(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(expected[i] - actual[i]);
    if (!(difference <= Infinity)) return Infinity;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return expected.length === actual.length ? worst / Math.max(largest, 1e-6) : Infinity;
}

/** Largest difference of two arrays, and the share of elements that differ at all. */
export function stepError(expected: ArrayLike<number>, actual: ArrayLike<number>): { steps: number; share: number } {
  let steps = 0;
  let different = 0;
  for (let i = 0; i < expected.length; i++) {
    steps = Math.max(steps, Math.abs(expected[i] - actual[i]));
    if (expected[i] !== actual[i]) different++;
  }
  return { steps, share: different / expected.length };
}

/** A repeatable stream of numbers in [0, 1) (mulberry32). */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values from a normal distribution. */
export function normals(random: () => number, count: number, deviation = 1): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random()) * deviation;
  });
}

/** Random inputs for a model at a batch size. */
export function randomInputs(model: Model, batch: number, seed: number, deviation = 1): EngineData[] {
  const random = randomStream(seed);
  return model.subgraphs[0].inputs.map((index) => {
    const { type, shape } = model.subgraphs[0].tensors[index];
    const count = batch * elementCount(shape.slice(1));
    if (type === 'int8') return Int8Array.from({ length: count }, () => Math.floor(random() * 256) - 128);
    if (type === 'int32') return Int32Array.from({ length: count }, () => Math.floor(random() * 8));
    return normals(random, count, deviation);
  });
}
