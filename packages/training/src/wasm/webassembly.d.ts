/** The part of the WebAssembly interface that is used here; the types of Node.js leave it to the browser's library. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  const Memory: new (descriptor: { initial: number; maximum: number }) => Memory;
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  const Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => Instance;
}
