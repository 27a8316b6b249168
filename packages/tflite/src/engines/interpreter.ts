import type { NativeLibrary, Pointer } from './native-library.ts';

/** What the XNNPACK delegate takes over: everything that it can, float operators only, or nothing. */
export type Delegation = 'all' | 'float' | 'none';

const OK = 0;
/** Flag of the delegate: int8 kernels as well, which 2.9 leaves out unless asked. */
const XNNPACK_QS8 = 1;

/** One interpreter of the C library with everything that must live as long as it does. */
export class Interpreter {
  readonly invoke: () => boolean;
  readonly #library: NativeLibrary;
  /** The library keeps pointers into these bytes. */
  readonly #bytes: Uint8Array;
  readonly #model: Pointer;
  readonly #options: Pointer;
  readonly #delegate: Pointer | undefined;
  readonly #interpreter: Pointer;

  private constructor(library: NativeLibrary, bytes: Uint8Array, parts: InterpreterParts) {
    this.#library = library;
    this.#bytes = bytes;
    this.#model = parts.model;
    this.#options = parts.options;
    this.#delegate = parts.delegate;
    this.#interpreter = parts.interpreter;
    const { invoke } = library;
    const { interpreter } = parts;
    this.invoke = () => invoke(interpreter) === OK;
  }

  /** Undefined where the library cannot build the graph. */
  static create(
    library: NativeLibrary,
    bytes: Uint8Array,
    wanted: { readonly threads: number; readonly delegation: Delegation },
  ): Interpreter | undefined {
    const model = library.modelCreate(bytes, bytes.byteLength);
    if (model === null) return undefined;
    const options = library.optionsCreate();
    library.setThreads(options, wanted.threads);
    const delegate =
      wanted.delegation === 'none'
        ? undefined
        : createDelegate(library, wanted.threads, wanted.delegation === 'all' ? XNNPACK_QS8 : 0);
    if (delegate !== undefined) library.addDelegate(options, delegate);
    const interpreter = library.interpreterCreate(model, options);
    if (interpreter !== null) return new Interpreter(library, bytes, { model, options, delegate, interpreter });
    if (delegate !== undefined) library.xnnpackDelete?.(delegate);
    library.optionsDelete(options);
    library.modelDelete(model);
    return undefined;
  }

  resizeInput(input: number, shape: readonly number[]): boolean {
    return this.#library.resizeInput(this.#interpreter, input, Int32Array.from(shape), shape.length) === OK;
  }

  allocate(): boolean {
    return this.#library.allocate(this.#interpreter) === OK;
  }

  /** The memory of an input, valid until the next allocation. */
  input(index: number): ArrayBuffer | undefined {
    return this.#memory(this.#library.inputTensor(this.#interpreter, index));
  }

  output(index: number): ArrayBuffer | undefined {
    return this.#memory(this.#library.outputTensor(this.#interpreter, index));
  }

  #memory(tensor: Pointer | null): ArrayBuffer | undefined {
    if (tensor === null) return undefined;
    const data = this.#library.tensorData(tensor);
    return data === null ? undefined : this.#library.view(data, this.#library.tensorByteSize(tensor));
  }

  /** Frees everything; `bytes` may go too then. */
  delete(): void {
    this.#library.interpreterDelete(this.#interpreter);
    if (this.#delegate !== undefined) this.#library.xnnpackDelete?.(this.#delegate);
    this.#library.optionsDelete(this.#options);
    this.#library.modelDelete(this.#model);
    // Read here, so that nothing may take the bytes for unused before.
    this.#bytes.at(0);
  }
}

interface InterpreterParts {
  readonly model: Pointer;
  readonly options: Pointer;
  readonly delegate: Pointer | undefined;
  readonly interpreter: Pointer;
}

function createDelegate(library: NativeLibrary, threads: number, flags: number): Pointer | undefined {
  if (library.xnnpackCreate === undefined || library.xnnpackDelete === undefined) return undefined;
  // TfLiteXNNPackDelegateOptions: int32 threads, uint32 flags. Newer versions append fields whose default is zero.
  const options = new Uint8Array(256);
  const view = new DataView(options.buffer);
  view.setInt32(0, threads, true);
  view.setUint32(4, flags, true);
  return library.xnnpackCreate(options) ?? undefined;
}
