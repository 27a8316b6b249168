import { TfliteError } from '../error.ts';
import type { EngineData } from '../model/tensor-types.ts';
import { prepareForKernels } from './prepare.ts';
import type { Model } from '../model/types.ts';
import { withBatch } from '../model/with-batch.ts';
import { writeModel } from '../model/write-model.ts';
import { checkArrays, describeTensors, type Engine, type TensorInfo } from './engine.ts';
import type { WasmModule, WasmRunner, WasmTensor, WasmTensorList } from './wasm-module.ts';

/** Graphs that stay loaded, one for each of the batch sizes used last. */
const CACHED_BATCHES = 4;

/**
 * TensorFlow Lite in WebAssembly. Its shapes are static, so another batch size loads a copy of the model with that batch;
 * the graphs of the last few sizes are kept.
 */
export class WasmEngine implements Engine {
  readonly name = 'wasm';
  readonly detail = 'TensorFlow Lite in WebAssembly with SIMD';
  readonly #module: WasmModule;
  readonly #model: Model;
  /** Ordered from the batch size used longest ago to the current one. */
  readonly #graphs = new Map<number, WasmGraph>();
  #current: WasmGraph | undefined;

  constructor(module: WasmModule, model: Model) {
    this.#module = module;
    this.#model = model;
    this.resize(model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]]?.shape[0] ?? 1);
  }

  get batch(): number {
    return this.#graph().batch;
  }

  get inputs(): readonly TensorInfo[] {
    return this.#graph().inputs;
  }

  get outputs(): readonly TensorInfo[] {
    return this.#graph().outputs;
  }

  resize(batch: number): void {
    if (this.#current === undefined && this.#graphs.size > 0) this.#graph();
    if (this.#current?.batch === batch) return;
    const graph = this.#graphs.get(batch) ?? new WasmGraph(this.#module, withBatch(this.#model, batch), batch);
    this.#graphs.delete(batch);
    this.#graphs.set(batch, graph);
    this.#current = graph;
    if (this.#graphs.size <= CACHED_BATCHES) return;
    const [[oldest, unused]] = this.#graphs;
    unused.delete();
    this.#graphs.delete(oldest);
  }

  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
    this.#graph().run(inputs, outputs);
  }

  dispose(): void {
    for (const graph of this.#graphs.values()) graph.delete();
    this.#graphs.clear();
    this.#current = undefined;
  }

  #graph(): WasmGraph {
    if (this.#current === undefined) throw new TfliteError('wasm engine', 'was disposed');
    return this.#current;
  }
}

/** One loaded graph with fixed shapes. */
class WasmGraph {
  readonly batch: number;
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly #module: WasmModule;
  readonly #address: number;
  readonly #runner: WasmRunner;
  readonly #inputTensors: WasmTensor[];
  readonly #outputTensors: WasmTensor[];
  readonly #inputViews: EngineData[];
  readonly #outputViews: EngineData[];

  constructor(module: WasmModule, model: Model, batch: number) {
    this.batch = batch;
    this.#module = module;
    this.inputs = describeTensors(model, 'inputs');
    this.outputs = describeTensors(model, 'outputs');
    const bytes = writeModel(prepareForKernels(model));
    this.#address = module._malloc(bytes.byteLength);
    if (this.#address === 0) throw new TfliteError('wasm engine', 'is out of memory');
    module.HEAPU8.set(bytes, this.#address);
    this.#runner = createRunner(module, this.#address, bytes.byteLength);
    this.#inputTensors = takeTensors(this.#runner.GetInputs());
    this.#outputTensors = takeTensors(this.#runner.GetOutputs());
    this.#inputViews = this.#inputTensors.map((tensor) => tensor.data());
    this.#outputViews = this.#outputTensors.map((tensor) => tensor.data());
    const sides = [
      [this.inputs, this.#inputViews],
      [this.outputs, this.#outputViews],
    ] as const;
    for (const [infos, views] of sides) {
      infos.forEach((info, i) => {
        if (views[i]?.length !== info.length) {
          throw new TfliteError(
            'wasm engine',
            `gives ${views[i]?.length ?? 'no'} values for ${info.name}, expected ${info.length}`,
          );
        }
      });
    }
  }

  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
    checkArrays('input', this.inputs, inputs);
    checkArrays('output', this.outputs, outputs);
    for (let i = 0; i < inputs.length; i++) {
      if (this.#inputViews[i].length === 0) this.#inputViews[i] = this.#inputTensors[i].data();
      this.#inputViews[i].set(inputs[i]);
    }
    if (!this.#runner.Infer()) throw new TfliteError('wasm engine', 'inference failed');
    for (let i = 0; i < outputs.length; i++) {
      // The module's memory may have grown since, which detaches views of it.
      if (this.#outputViews[i].length === 0) this.#outputViews[i] = this.#outputTensors[i].data();
      outputs[i].set(this.#outputViews[i]);
    }
  }

  delete(): void {
    for (const tensor of [...this.#inputTensors, ...this.#outputTensors]) tensor.delete();
    this.#runner.delete();
    this.#module._free(this.#address);
  }
}

function createRunner(module: WasmModule, address: number, bytes: number): WasmRunner {
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1 };
  let status;
  try {
    status = module.TFLiteWebModelRunner.CreateFromBufferAndOptions(address, bytes, options);
  } catch (error) {
    // A check of the C++ code that fails ends the module, and every engine in it.
    throw new TfliteError('wasm engine', 'aborted while it loaded the model', { cause: error });
  }
  try {
    if (!status.ok())
      throw new TfliteError('wasm engine', `refuses the model: ${status.errorMessage().split('\n', 1)[0]}`);
    return status.value();
  } catch (error) {
    module._free(address);
    throw error;
  } finally {
    status.delete();
  }
}

function takeTensors(list: WasmTensorList): WasmTensor[] {
  try {
    return Array.from({ length: list.size() }, (_, i) => list.get(i));
  } finally {
    list.delete();
  }
}
