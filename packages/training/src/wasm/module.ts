import { TYPE, unsigned, type WasmFunction } from './function-builder.ts';

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

/**
 * The bytes of a WebAssembly module with these functions, all exported by name, that works on an imported memory
 * (`host.memory`).
 */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [
    0x60,
    ...vector(f.parameters.map((type) => [TYPE[type]])),
    ...vector(f.result ? [[TYPE[f.result]]] : []),
  ]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, 1];
  const exported = functions.map((f, index) => [...text(f.name), 0x00, ...unsigned(index)]);
  const bodies = functions.map((f) => [...unsigned(f.body.length), ...f.body]);
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies)),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}
