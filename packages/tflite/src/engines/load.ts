import { TfliteError } from '../error.ts';
import { pruneToOutputs } from '../model/prune.ts';
import { readModel } from '../model/read-model.ts';
import type { Model } from '../model/types.ts';
import { validateModel } from '../model/validate.ts';
import { NativeEngine } from './native.ts';
import { ReferenceEngine } from './reference/reference.ts';
import { loadWasmModule } from './wasm-module.ts';
import { WasmEngine } from './wasm.ts';
import type { Engine, EngineName } from './engine.ts';

export interface LoadOptions {
  /** Default `auto`: native, else wasm, else reference, each only where it loads and takes the model. */
  readonly engine?: 'auto' | EngineName;
  /** Path of another TensorFlow Lite or LiteRT C library for the native engine. */
  readonly libraryPath?: string;
  /** Threads of the native engine. Default 1. */
  readonly threads?: number;
  /** Gets one line that says which engine was chosen and why. */
  readonly log?: (line: string) => void;
  /**
   * Names of the outputs to compute, in this order: signature names, or tensor names where there is no signature.
   * The graph is cut down to what they need. Default: all.
   */
  readonly outputs?: readonly string[];
}

/**
 * Loads a `.tflite` file into an engine. The bytes are read and validated by this package first, whatever the engine:
 * the native library does not check them. Bytes behind the flatbuffer, such as associated files, are ignored.
 *
 * Throws `TfliteError` where the model is damaged or unsupported, or the engine asked for does not load it.
 */
export async function loadEngine(bytes: Uint8Array, options: LoadOptions = {}): Promise<Engine> {
  return loadModelEngine(readModel(bytes), options);
}

/** As `loadEngine`, for a model in memory, which is validated too. */
export async function loadModelEngine(model: Model, options: LoadOptions = {}): Promise<Engine> {
  const wanted = options.engine ?? 'auto';
  validateModel(model);
  const graph = options.outputs === undefined ? model : pruneToOutputs(model, options.outputs);
  if (wanted !== 'auto') {
    const engine = await create(wanted, graph, options);
    options.log?.(`engine ${engine.name} (${engine.detail}): as asked`);
    return engine;
  }
  const reasons: string[] = [];
  for (const name of ['native', 'wasm', 'reference'] as const) {
    try {
      const engine = await create(name, graph, options);
      const why = reasons.length === 0 ? 'the fastest one is available' : reasons.join('; ');
      options.log?.(`engine ${engine.name} (${engine.detail}): ${why}`);
      return engine;
    } catch (error) {
      if (!(error instanceof TfliteError)) throw error;
      reasons.push(`no ${error.message}`);
    }
  }
  throw new TfliteError('engine', reasons.join('; '));
}

async function create(name: EngineName, model: Model, options: LoadOptions): Promise<Engine> {
  switch (name) {
    case 'native':
      return new NativeEngine(model, {
        ...(options.libraryPath === undefined ? {} : { libraryPath: options.libraryPath }),
        ...(options.threads === undefined ? {} : { threads: options.threads }),
      });
    case 'wasm':
      return new WasmEngine(await loadWasmModule(), model);
    case 'reference':
      return new ReferenceEngine(model);
  }
}
