import { loadModelEngine, type Engine, type EngineName } from '@edgeguard/tflite/engines';
import type { EngineData, Model } from '@edgeguard/tflite/model';
import { cpuSecondsOf } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';

export const BATCHES = [1, 32, 256, 1024] as const;
/** Measurements of which the median counts. */
export const RUNS = 5;
/** The reference engine is not built for speed: its figures tell an order of magnitude. */
const REFERENCE_RUNS = 2;
/** CPU seconds that one measurement takes at least. */
const LEAST_SECONDS = 0.03;
/** CPU seconds after which V8 has compiled what runs; it goes on with WebAssembly in threads that count here too. */
export const WARM_UP_SECONDS: Readonly<Record<EngineName, number>> = { native: 0.1, wasm: 0.4, reference: 0.1 };

/** Microseconds of CPU per row at each of {@link BATCHES}, with inputs and outputs in arrays of the caller. */
export async function engineCost(model: Model, name: EngineName, rows: EngineData): Promise<number[]> {
  const engine = await loadModelEngine(model, { engine: name });
  try {
    warmUp(engine, rows);
    return BATCHES.map((batch) => {
      engine.resize(batch);
      const { inputs, outputs } = arraysFor(engine, rows);
      return costPerRow(batch, name === 'reference' ? REFERENCE_RUNS : RUNS, () => engine.run(inputs, outputs));
    });
  } finally {
    engine.dispose();
  }
}

/** Microseconds of CPU per row of `run`, which computes `batch` rows: the median of so many measurements. */
export function costPerRow(batch: number, measurements: number, run: () => void): number {
  const secondsOf = (runs: number): number =>
    cpuSecondsOf(() => {
      for (let i = 0; i < runs; i++) run();
    });
  secondsOf(4);
  let runs = 1;
  while (secondsOf(runs) < LEAST_SECONDS) runs *= 2;
  return (median(Array.from({ length: measurements }, () => secondsOf(runs))) / (runs * batch)) * 1e6;
}

function warmUp(engine: Engine, rows: EngineData): void {
  engine.resize(BATCHES[0]);
  const { inputs, outputs } = arraysFor(engine, rows);
  runFor(WARM_UP_SECONDS[engine.name], () => engine.run(inputs, outputs));
}

/** Runs something for so many seconds of CPU. */
export function runFor(seconds: number, run: () => void): void {
  for (let used = 0; used < seconds;) used += cpuSecondsOf(run);
}

/** Arrays that fit an engine at its batch; inputs are filled with the rows, over and over. */
export function arraysFor(engine: Engine, rows: EngineData): { inputs: EngineData[]; outputs: EngineData[] } {
  return {
    inputs: engine.inputs.map(({ type, length }) => arrayOf(type, length, (i) => rows[i % rows.length]!)),
    outputs: engine.outputs.map(({ type, length }) => arrayOf(type, length, () => 0)),
  };
}

function arrayOf(type: string, length: number, value: (i: number) => number): Float32Array | Int8Array {
  if (type === 'float32') return Float32Array.from({ length }, (_, i) => value(i));
  if (type === 'int8') return Int8Array.from({ length }, (_, i) => value(i));
  throw new Error(`no rows of type ${type}`);
}
