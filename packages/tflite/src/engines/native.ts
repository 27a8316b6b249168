import { TfliteError } from '../error.ts';
import { tensorArray, type EngineData } from '../model/tensor-types.ts';
import type { Model } from '../model/types.ts';
import { withBatch } from '../model/with-batch.ts';
import { writeModel } from '../model/write-model.ts';
import { checkArrays, describeTensors, type Engine, type TensorInfo } from './engine.ts';
import { loadNativeLibrary, type NativeLibrary } from './native-library.ts';

export interface NativeOptions {
  readonly libraryPath?: string;
  /** Threads of the kernels. Default 1: rows are small, and callers run one engine per worker. */
  readonly threads?: number;
  /**
   * What XNNPACK computes. Default `all`. With `float`, int8 graphs run on TensorFlow Lite's own kernels, which round as
   * gemmlowp does; with `none`, everything does.
   */
  readonly xnnpack?: 'all' | 'float' | 'none';
}

const OK = 0;
/** Ask XNNPACK for int8 kernels as well, which 2.9 leaves out unless asked. */
const XNNPACK_QS8 = 1;

type Pointer = object | bigint;

/**
 * The C library with XNNPACK's kernels. The delegate is asked for explicitly: the C API of the shipped version applies
 * none by itself. A graph that the delegate refuses runs on the library's own kernels.
 */
export class NativeEngine implements Engine {
  readonly name = 'native';
  readonly detail: string;
  readonly #library: NativeLibrary;
  readonly #model: Model;
  /** The library keeps pointers into these bytes: they must live as long as the model. */
  readonly #bytes: Uint8Array;
  readonly #modelPointer: Pointer;
  readonly #optionsPointer: Pointer;
  readonly #delegate: Pointer | undefined;
  #interpreter: Pointer;
  #invoke: () => number;
  #inputViews: EngineData[] = [];
  #outputViews: EngineData[] = [];
  #batch = 0;
  #inputs: TensorInfo[] = [];
  #outputs: TensorInfo[] = [];
  #disposed = false;

  constructor(model: Model, options: NativeOptions = {}) {
    const threads = options.threads ?? 1;
    const library = loadNativeLibrary(options.libraryPath);
    this.#library = library;
    this.#model = model;
    this.#bytes = writeModel(model);
    const pointer = library.modelCreate(this.#bytes, this.#bytes.byteLength);
    if (pointer === null) throw new TfliteError('native engine', 'the library refuses the model');
    this.#modelPointer = pointer;
    this.#optionsPointer = library.optionsCreate();
    library.setThreads(this.#optionsPointer, threads);
    const xnnpack = options.xnnpack ?? 'all';
    this.#delegate =
      xnnpack === 'none' ? undefined : createDelegate(library, threads, xnnpack === 'all' ? XNNPACK_QS8 : 0);
    if (this.#delegate !== undefined) library.addDelegate(this.#optionsPointer, this.#delegate);
    const interpreter = library.interpreterCreate(this.#modelPointer, this.#optionsPointer);
    if (interpreter === null) {
      this.#free();
      throw new TfliteError(
        'native engine',
        `TensorFlow Lite ${library.version} cannot build the graph (see its message on standard error)`,
      );
    }
    this.#interpreter = interpreter;
    this.#invoke = () => library.invoke(interpreter);
    this.detail = `TensorFlow Lite ${library.version}${this.#delegate === undefined ? '' : ' with XNNPACK'}`;
    try {
      this.resize(model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]]?.shape[0] ?? 1);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get batch(): number {
    return this.#batch;
  }

  get inputs(): readonly TensorInfo[] {
    return this.#inputs;
  }

  get outputs(): readonly TensorInfo[] {
    return this.#outputs;
  }

  resize(batch: number): void {
    this.#alive();
    if (batch === this.#batch) return;
    // Checks that the graph allows this batch, before the library is asked.
    const resized = withBatch(this.#model, batch);
    const { tensors, inputs } = resized.subgraphs[0];
    const library = this.#library;
    this.#batch = 0;
    inputs.forEach((input, i) => {
      const shape = Int32Array.from(tensors[input].shape);
      if (library.resizeInput(this.#interpreter, i, shape, shape.length) !== OK)
        this.#fail(`cannot resize input ${i} to batch ${batch}`);
    });
    if (library.allocate(this.#interpreter) !== OK) this.#fail(`cannot allocate tensors at batch ${batch}`);
    this.#inputs = describeTensors(resized, 'inputs');
    this.#outputs = describeTensors(resized, 'outputs');
    this.#inputViews = this.#inputs.map((info, i) => this.#view(library.inputTensor(this.#interpreter, i), info));
    // Outputs have their final place only after a run: a delegate may move them.
    for (const view of this.#inputViews) view.fill(0);
    if (this.#invoke() !== OK) this.#fail(`fails at batch ${batch}`);
    this.#outputViews = this.#outputs.map((info, i) => this.#view(library.outputTensor(this.#interpreter, i), info));
    this.#batch = batch;
  }

  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
    this.#alive();
    if (this.#batch === 0) this.#fail('has no batch size since a failed resize');
    checkArrays('input', this.#inputs, inputs);
    checkArrays('output', this.#outputs, outputs);
    for (let i = 0; i < inputs.length; i++) this.#inputViews[i].set(inputs[i]);
    if (this.#invoke() !== OK) this.#fail('failed (see the message of TensorFlow Lite on standard error)');
    for (let i = 0; i < outputs.length; i++) outputs[i].set(this.#outputViews[i]);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#inputViews = [];
    this.#outputViews = [];
    this.#library.interpreterDelete(this.#interpreter);
    this.#free();
  }

  #free(): void {
    if (this.#delegate !== undefined) this.#library.xnnpackDelete?.(this.#delegate);
    this.#library.optionsDelete(this.#optionsPointer);
    this.#library.modelDelete(this.#modelPointer);
  }

  #alive(): void {
    if (this.#disposed) throw new TfliteError('native engine', 'was disposed');
  }

  #fail(problem: string): never {
    throw new TfliteError('native engine', problem);
  }

  #view(tensor: Pointer | null, info: TensorInfo): EngineData {
    if (tensor === null) this.#fail(`has no tensor for ${info.name}`);
    const bytes = this.#library.tensorByteSize(tensor);
    const data = this.#library.tensorData(tensor);
    const view = data === null ? undefined : tensorArray(info.type, this.#library.view(data, bytes), 0, info.length);
    if (view === undefined || view.byteLength !== bytes) {
      this.#fail(`${info.name} has ${bytes} bytes, its shape [${info.shape.join(', ')}] of ${info.type} needs others`);
    }
    return view as EngineData;
  }
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
