import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { TfliteError } from '../error.ts';

/** A C++ object that the WebAssembly module handed out and that lives until it is deleted. */
interface Handle {
  delete(): void;
}

export interface WasmTensor extends Handle {
  readonly name: string;
  readonly shape: string;
  /** A view of the tensor in the module's memory; detached when that memory grows. */
  data(): Float32Array | Int8Array | Int32Array | Int16Array | Uint8Array;
}

export interface WasmTensorList extends Handle {
  size(): number;
  get(index: number): WasmTensor;
}

export interface WasmRunner extends Handle {
  GetInputs(): WasmTensorList;
  GetOutputs(): WasmTensorList;
  Infer(): boolean;
}

interface WasmRunnerStatus extends Handle {
  ok(): boolean;
  errorMessage(): string;
  value(): WasmRunner;
}

export interface WasmModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  readonly TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(
      address: number,
      bytes: number,
      options: { numThreads: number; enableProfiling: boolean; maxProfilingBufferEntries: number },
    ): WasmRunnerStatus;
  };
}

type ModuleFactory = (options: {
  wasmBinary: Uint8Array;
  print: (line: string) => void;
  printErr: (line: string) => void;
}) => Promise<WasmModule>;

const require = createRequire(import.meta.url);
let shared: Promise<WasmModule> | undefined;

/**
 * Loads the TensorFlow Lite WebAssembly module (SIMD, one thread) of `@tensorflow/tfjs-tflite`, once per thread. Only
 * the module itself is used: the package's browser client and TensorFlow.js are not loaded.
 */
export async function loadWasmModule(): Promise<WasmModule> {
  shared ??= instantiate();
  try {
    return await shared;
  } catch (error) {
    shared = undefined;
    throw error;
  }
}

async function instantiate(): Promise<WasmModule> {
  try {
    const folder = path.join(path.dirname(require.resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm');
    const factory = require(path.join(folder, 'tflite_web_api_cc_simd.js')) as ModuleFactory;
    const wasmBinary = await readFile(path.join(folder, 'tflite_web_api_cc_simd.wasm'));
    const silent = (): void => undefined;
    return await factory({ wasmBinary, print: silent, printErr: silent });
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new TfliteError('wasm engine', `@tensorflow/tfjs-tflite does not load (${line})`, { cause: error });
  }
}
