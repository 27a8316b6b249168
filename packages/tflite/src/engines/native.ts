import { TfliteError } from '../error.ts';
import { tensorArray, type EngineData } from '../model/tensor-types.ts';
import { prepareForKernels } from './prepare.ts';
import type { Model } from '../model/types.ts';
import { withBatch } from '../model/with-batch.ts';
import { writeModel } from '../model/write-model.ts';
import { checkArrays, describeTensors, type Engine, type TensorInfo } from './engine.ts';
import { Interpreter, type Delegation } from './interpreter.ts';
import { loadNativeLibrary, type NativeLibrary } from './native-library.ts';

export interface NativeOptions {
  readonly libraryPath?: string;
  /** Threads of the kernels. Default 1: rows are small, and callers run one engine per worker. */
  readonly threads?: number;
  /**
   * What XNNPACK computes. Default `all`. With `float`, int8 graphs run on TensorFlow Lite's own kernels, which round as
   * gemmlowp does; with `none`, everything does.
   */
  readonly xnnpack?: Delegation;
}

/**
 * The C library with XNNPACK's kernels. The delegate is asked for explicitly: the C API of the shipped version applies
 * none by itself. A graph that XNNPACK refuses at some batch size runs on the library's own kernels from then on.
 */
export class NativeEngine implements Engine {
  readonly name = 'native';
  readonly #library: NativeLibrary;
  readonly #threads: number;
  readonly #model: Model;
  readonly #bytes: Uint8Array;
  #interpreter: Interpreter | undefined;
  #delegation: Delegation;
  #inputViews: EngineData[] = [];
  #outputViews: EngineData[] = [];
  #batch = 0;
  #inputs: TensorInfo[] = [];
  #outputs: TensorInfo[] = [];

  constructor(model: Model, options: NativeOptions = {}) {
    this.#library = loadNativeLibrary(options.libraryPath);
    this.#threads = options.threads ?? 1;
    this.#model = model;
    this.#bytes = writeModel(prepareForKernels(model));
    this.#delegation = this.#library.xnnpackCreate === undefined ? 'none' : (options.xnnpack ?? 'all');
    const [subgraph] = model.subgraphs;
    this.#resize(subgraph.tensors[subgraph.inputs[0]]?.shape[0] ?? 1);
  }

  get detail(): string {
    return `TensorFlow Lite ${this.#library.version}${this.#delegation === 'none' ? '' : ' with XNNPACK'}`;
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
    if (batch !== this.#batch) this.#resize(batch);
  }

  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
    const interpreter = this.#alive();
    checkArrays('input', this.#inputs, inputs);
    checkArrays('output', this.#outputs, outputs);
    for (let i = 0; i < inputs.length; i++) this.#inputViews[i].set(inputs[i]);
    if (!interpreter.invoke())
      throw new TfliteError('native engine', 'failed (TensorFlow Lite wrote why to standard error)');
    for (let i = 0; i < outputs.length; i++) outputs[i].set(this.#outputViews[i]);
  }

  dispose(): void {
    this.#inputViews = [];
    this.#outputViews = [];
    this.#interpreter?.delete();
    this.#interpreter = undefined;
  }

  #alive(): Interpreter {
    if (this.#interpreter === undefined) throw new TfliteError('native engine', 'was disposed');
    return this.#interpreter;
  }

  #resize(batch: number): void {
    // Checks that the graph allows this batch, before the library is asked.
    const resized = withBatch(this.#model, batch);
    let problem = this.#prepare(resized);
    if (problem !== undefined && this.#delegation !== 'none') {
      // XNNPACK cannot be taken out of an interpreter: begin anew without it.
      this.#interpreter?.delete();
      this.#interpreter = undefined;
      this.#delegation = 'none';
      problem = this.#prepare(resized);
    }
    if (problem !== undefined) {
      this.dispose();
      throw new TfliteError('native engine', `TensorFlow Lite ${this.#library.version} ${problem} at batch ${batch}`);
    }
    this.#batch = batch;
  }

  /** Brings the interpreter to these shapes and takes views of its memory; gives the reason where that fails. */
  #prepare(resized: Model): string | undefined {
    this.#interpreter ??= Interpreter.create(this.#library, this.#bytes, {
      threads: this.#threads,
      delegation: this.#delegation,
    });
    const interpreter = this.#interpreter;
    if (interpreter === undefined) return 'cannot build the graph';
    const { tensors, inputs } = resized.subgraphs[0];
    for (const [i, input] of inputs.entries()) {
      if (!interpreter.resizeInput(i, tensors[input].shape)) return `cannot resize input ${i}`;
    }
    if (!interpreter.allocate()) return 'cannot allocate the tensors';
    this.#inputs = describeTensors(resized, 'inputs');
    this.#outputs = describeTensors(resized, 'outputs');
    this.#inputViews = this.#inputs.map((info, i) => view(interpreter.input(i), info));
    for (const each of this.#inputViews) each.fill(0);
    // Outputs have their final place only after a run: kernels and delegates may move them.
    if (!interpreter.invoke()) return 'cannot run the graph';
    this.#outputViews = this.#outputs.map((info, i) => view(interpreter.output(i), info));
    return undefined;
  }
}

function view(memory: ArrayBuffer | undefined, info: TensorInfo): EngineData {
  const array = memory === undefined ? undefined : tensorArray(info.type, memory, 0, info.length);
  if (array === undefined || array.byteLength !== memory?.byteLength) {
    throw new TfliteError(
      'native engine',
      `has ${memory?.byteLength ?? 0} bytes for ${info.name}, not shape [${info.shape.join(', ')}] of ${info.type}`,
    );
  }
  return array as EngineData;
}
