import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { loadModelEngine, type EngineName } from '@edgeguard/tflite/engines';
import type { EngineData, Model } from '@edgeguard/tflite/model';
import { engineArrays } from '@edgeguard/tflite/inspect';
import { collectGarbage, usedBytes } from '../harness/collect-garbage.ts';

const WARM_UP = 20_000;

/** What running left behind. */
export interface Garbage {
  /** Bytes by which heap and array buffers grew. */
  readonly bytes: number;
  /** Garbage collections meanwhile. */
  readonly collections: number;
}

/** Runs a model so often at batch 1 and looks at the heap. */
export async function garbageOf(model: Model, name: EngineName, rows: EngineData, runs: number): Promise<Garbage> {
  const engine = await loadModelEngine(model, { engine: name });
  const starts: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) starts.push(startTime);
  });
  try {
    engine.resize(1);
    const { inputs, outputs } = engineArrays(engine, rows);
    for (let i = 0; i < WARM_UP; i++) engine.run(inputs, outputs);
    // Twice: what finalizers let go of in between belongs to what ran before.
    for (let i = 0; i < 2; i++) {
      collectGarbage();
      await setTimeout(100);
    }
    observer.observe({ entryTypes: ['gc'] });
    const before = usedBytes();
    const started = performance.now();
    for (let i = 0; i < runs; i++) engine.run(inputs, outputs);
    const ended = performance.now();
    const bytes = usedBytes() - before;
    // The observer is told later.
    for (let i = 0; i < 10; i++) await setImmediate();
    return { bytes, collections: starts.filter((start) => start >= started && start <= ended).length };
  } finally {
    observer.disconnect();
    engine.dispose();
  }
}
