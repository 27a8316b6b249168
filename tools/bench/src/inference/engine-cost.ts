import type { EngineName } from '@edgeguard/tflite/engines';
import { measureEngine } from '@edgeguard/tflite/inspect';
import type { EngineData, Model } from '@edgeguard/tflite/model';

export const BATCHES = [1, 32, 256, 1024] as const;
/** Measurements of a peer of which the median counts. */
export const RUNS = 5;

/** Microseconds of CPU per row at each of {@link BATCHES}, with inputs and outputs in arrays of the caller. */
export function engineCost(model: Model, name: EngineName, rows: EngineData): Promise<number[]> {
  return measureEngine(model, name, BATCHES, rows);
}
