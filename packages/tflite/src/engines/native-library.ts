import { createRequire } from 'node:module';
import path from 'node:path';
import type Koffi from 'koffi';
import type { LibraryHandle } from 'koffi';
import { TfliteError } from '../error.ts';
import { findNativeLibrary } from './native-files.ts';

/** A pointer that koffi made; opaque to us. */
export type Pointer = object | bigint;

/** The part of the TensorFlow Lite C API that the native engine calls. */
export interface NativeLibrary {
  readonly path: string;
  readonly version: string;
  readonly modelCreate: (bytes: Uint8Array, size: number) => Pointer | null;
  readonly modelDelete: (model: Pointer) => void;
  readonly optionsCreate: () => Pointer;
  readonly optionsDelete: (options: Pointer) => void;
  readonly setThreads: (options: Pointer, threads: number) => void;
  readonly addDelegate: (options: Pointer, delegate: Pointer) => void;
  readonly interpreterCreate: (model: Pointer, options: Pointer) => Pointer | null;
  readonly interpreterDelete: (interpreter: Pointer) => void;
  readonly resizeInput: (interpreter: Pointer, input: number, shape: Int32Array, rank: number) => number;
  readonly allocate: (interpreter: Pointer) => number;
  readonly invoke: (interpreter: Pointer) => number;
  readonly inputTensor: (interpreter: Pointer, index: number) => Pointer | null;
  readonly outputTensor: (interpreter: Pointer, index: number) => Pointer | null;
  readonly tensorData: (tensor: Pointer) => Pointer | null;
  readonly tensorByteSize: (tensor: Pointer) => number;
  /** Undefined where the library has no XNNPACK delegate. */
  readonly xnnpackCreate: ((options: Uint8Array) => Pointer | null) | undefined;
  readonly xnnpackDelete: ((delegate: Pointer) => void) | undefined;
  /** The memory at `pointer` as an ArrayBuffer, without a copy. */
  readonly view: (pointer: Pointer, bytes: number) => ArrayBuffer;
}

const require = createRequire(import.meta.url);

const loaded = new Map<string, NativeLibrary>();

/** Loads the C library once per path and thread. Throws `TfliteError` with the reason where that fails. */
export function loadNativeLibrary(override?: string): NativeLibrary {
  const file = findNativeLibrary(override);
  let library = loaded.get(file);
  if (library === undefined) {
    library = bind(file);
    loaded.set(file, library);
  }
  return library;
}

function bind(file: string): NativeLibrary {
  // Loaded here and not at the top, so that a platform without koffi still has the other engines.
  let koffi: typeof Koffi;
  try {
    koffi = require('koffi') as typeof koffi;
  } catch (error) {
    throw new TfliteError('native engine', `koffi does not load (${firstLine(error)})`, { cause: error });
  }
  let handle: LibraryHandle;
  try {
    handle = koffi.load(file);
  } catch (error) {
    throw new TfliteError('native engine', `the library does not load (${firstLine(error)})`, { cause: error });
  }
  const get = (name: string, result: string, parameters: string[]): never =>
    handle.func(name, result, parameters) as never;
  const optional = (name: string, result: string, parameters: string[]): never | undefined => {
    try {
      return get(name, result, parameters);
    } catch {
      return undefined;
    }
  };
  try {
    const version: () => string = get('TfLiteVersion', 'const char *', []);
    return {
      path: file,
      version: version(),
      modelCreate: get('TfLiteModelCreate', 'void *', ['void *', 'size_t']),
      modelDelete: get('TfLiteModelDelete', 'void', ['void *']),
      optionsCreate: get('TfLiteInterpreterOptionsCreate', 'void *', []),
      optionsDelete: get('TfLiteInterpreterOptionsDelete', 'void', ['void *']),
      setThreads: get('TfLiteInterpreterOptionsSetNumThreads', 'void', ['void *', 'int32_t']),
      addDelegate: get('TfLiteInterpreterOptionsAddDelegate', 'void', ['void *', 'void *']),
      interpreterCreate: get('TfLiteInterpreterCreate', 'void *', ['void *', 'void *']),
      interpreterDelete: get('TfLiteInterpreterDelete', 'void', ['void *']),
      resizeInput: get('TfLiteInterpreterResizeInputTensor', 'int', ['void *', 'int32_t', 'void *', 'int32_t']),
      allocate: get('TfLiteInterpreterAllocateTensors', 'int', ['void *']),
      invoke: get('TfLiteInterpreterInvoke', 'int', ['void *']),
      inputTensor: get('TfLiteInterpreterGetInputTensor', 'void *', ['void *', 'int32_t']),
      outputTensor: get('TfLiteInterpreterGetOutputTensor', 'void *', ['void *', 'int32_t']),
      tensorData: get('TfLiteTensorData', 'void *', ['void *']),
      tensorByteSize: get('TfLiteTensorByteSize', 'size_t', ['void *']),
      xnnpackCreate: optional('TfLiteXNNPackDelegateCreate', 'void *', ['void *']),
      xnnpackDelete: optional('TfLiteXNNPackDelegateDelete', 'void', ['void *']),
      view: (pointer, bytes) => koffi.view(pointer, bytes),
    };
  } catch (error) {
    throw new TfliteError(
      'native engine',
      `${path.basename(file)} is no TensorFlow Lite C library (${firstLine(error)})`,
      { cause: error },
    );
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
}
