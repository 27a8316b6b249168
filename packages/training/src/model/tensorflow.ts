import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as tfCore from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';

/** TensorFlow.js on its WebAssembly backend. */
export interface TensorFlow {
  readonly tf: typeof tfCore;
  readonly layers: typeof tfLayers;
}

let loading: Promise<TensorFlow> | undefined;

/** Loads TensorFlow.js once, with the WebAssembly backend on one thread. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  loading ??= load();
  return loading;
}

async function load(): Promise<TensorFlow> {
  const [tf, layers, wasm] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-layers'),
    import('@tensorflow/tfjs-backend-wasm'),
  ]);
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(entry)}${sep}`);
  wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  return { tf, layers };
}
