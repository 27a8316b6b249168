import type { Engine, EngineName } from '../engines/engine.ts';
import { loadModelEngine } from '../engines/load.ts';
import type { EngineData, TensorType } from '../model/tensor-types.ts';
import type { Model } from '../model/types.ts';
import { TfliteError } from '../error.ts';

/** CPU seconds that one measurement takes at least: `process.cpuUsage` counts in milliseconds on some systems. */
const LEAST_SECONDS = 0.03;
/** Measurements of which the median counts. The reference engine is not built for speed. */
const MEASUREMENTS: Readonly<Record<EngineName, number>> = { native: 5, wasm: 5, reference: 2 };
/** CPU seconds after which V8 has compiled what runs; it goes on with WebAssembly in threads that count here too. */
export const WARM_UP_SECONDS: Readonly<Record<EngineName, number>> = { native: 0.1, wasm: 0.4, reference: 0.1 };

/**
 * Microseconds of CPU time (user and system, all threads of the process) that an engine takes for a row, at each batch
 * size. Inputs and outputs are arrays of the caller, as in a service.
 *
 * @param rows values that fill the inputs, over and over
 * @throws TfliteError where the engine does not load the model, or an input is of a type without rows
 */
export async function measureEngine(
  model: Model,
  name: EngineName,
  batches: readonly number[],
  rows: EngineData,
): Promise<number[]> {
  const engine = await loadModelEngine(model, { engine: name });
  try {
    const first = engineArrays(engine, rows);
    runFor(WARM_UP_SECONDS[name], () => engine.run(first.inputs, first.outputs));
    return batches.map((batch) => {
      engine.resize(batch);
      const { inputs, outputs } = engineArrays(engine, rows);
      return costPerRow(batch, MEASUREMENTS[name], () => engine.run(inputs, outputs));
    });
  } finally {
    engine.dispose();
  }
}

/** Microseconds of CPU time per row of `run`, which computes `batch` rows: the median of so many measurements. */
export function costPerRow(batch: number, measurements: number, run: () => void): number {
  const secondsOf = (runs: number): number =>
    cpuSeconds(() => {
      for (let i = 0; i < runs; i++) run();
    });
  secondsOf(4);
  let runs = 1;
  while (secondsOf(runs) < LEAST_SECONDS) runs *= 2;
  const seconds = Array.from({ length: measurements }, () => secondsOf(runs)).sort((a, b) => a - b);
  const middle = (seconds[(measurements - 1) >> 1] + seconds[measurements >> 1]) / 2;
  return (middle / (runs * batch)) * 1e6;
}

/** Runs something for so many seconds of CPU. */
export function runFor(seconds: number, run: () => void): void {
  for (let used = 0; used < seconds;) used += cpuSeconds(run);
}

/** Arrays that fit an engine at its batch; inputs are filled with the rows, over and over. */
export function engineArrays(engine: Engine, rows: EngineData): { inputs: EngineData[]; outputs: EngineData[] } {
  return {
    inputs: engine.inputs.map(({ name, type, length }) => arrayOf(name, type, length, (i) => rows[i % rows.length])),
    outputs: engine.outputs.map(({ name, type, length }) => arrayOf(name, type, length, () => 0)),
  };
}

function arrayOf(name: string, type: TensorType, length: number, value: (i: number) => number): EngineData {
  switch (type) {
    case 'float32':
      return Float32Array.from({ length }, (_, i) => value(i));
    case 'int8':
      return Int8Array.from({ length }, (_, i) => value(i));
    case 'int32':
      return Int32Array.from({ length }, (_, i) => value(i));
    case 'uint8':
    case 'bool':
      return Uint8Array.from({ length }, (_, i) => value(i));
    default:
      throw new TfliteError(name, `there are no rows of type ${type} to measure with`);
  }
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
