export type { Engine, EngineName, TensorInfo } from './engine.ts';
export { loadEngine, loadModelEngine, type LoadOptions } from './load.ts';
export { NativeEngine, type NativeOptions } from './native.ts';
export { findNativeLibrary, LIBRARY_VARIABLE } from './native-files.ts';
export { WasmEngine } from './wasm.ts';
export { ReferenceEngine, type ReferenceOptions } from './reference/reference.ts';
export type { Int8Rounding } from './reference/requantize.ts';
