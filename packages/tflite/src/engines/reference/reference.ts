import { TfliteError } from '../../error.ts';
import { constantData, isConstant } from '../../model/constants.ts';
import { bytesPerElement, tensorArray, type EngineData } from '../../model/tensor-types.ts';
import { elementCount, type Model } from '../../model/types.ts';
import { withBatch } from '../../model/with-batch.ts';
import { checkArrays, describeTensors, type Engine, type TensorInfo } from '../engine.ts';
import type { Kernel, Slot } from './kernel.ts';
import { makeKernel } from './kernels.ts';
import type { Int8Rounding } from './requantize.ts';

export interface ReferenceOptions {
  /** How int8 sums are rescaled. Default `float`, as the native and wasm engines do. */
  readonly rounding?: Int8Rounding;
}

/**
 * Every supported operator in plain TypeScript. Float kernels compute with float32 values; sums are taken in double
 * precision in a fixed order and rounded once. int8 kernels follow the integer arithmetic of the specification, with
 * the rounding of XNNPACK or of gemmlowp. The same input gives the same bits on every machine.
 */
export class ReferenceEngine implements Engine {
  readonly name = 'reference';
  readonly detail = 'plain TypeScript';
  readonly #model: Model;
  readonly #rounding: Int8Rounding;
  #batch = 0;
  #inputs: TensorInfo[] = [];
  #outputs: TensorInfo[] = [];
  #slots: Slot[] = [];
  #inputData: EngineData[] = [];
  #outputData: EngineData[] = [];
  #kernels: Kernel[] = [];
  #disposed = false;

  constructor(model: Model, options: ReferenceOptions = {}) {
    this.#model = model;
    this.#rounding = options.rounding ?? 'float';
    this.resize(model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]]?.shape[0] ?? 1);
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
    const model = withBatch(this.#model, batch);
    const [subgraph] = model.subgraphs;
    const slots = subgraph.tensors.map((tensor): Slot => {
      const data = isConstant(model, tensor)
        ? constantData(model, tensor)
        : tensorArray(
            tensor.type,
            new ArrayBuffer(elementCount(tensor.shape) * bytesPerElement(tensor.type)),
            0,
            elementCount(tensor.shape),
          );
      if (data === undefined) throw new TfliteError(`tensor ${tensor.name}`, `type ${tensor.type} is not supported`);
      const { name, type, shape, quantization } = tensor;
      const constant = isConstant(model, tensor);
      return { name, type, shape, data, constant, ...(quantization === undefined ? {} : { quantization }) };
    });
    const kernels: Kernel[] = [];
    for (const operator of subgraph.operators) {
      const inputs = operator.inputs.map((input) => (input === -1 ? undefined : slots[input]));
      const outputs = operator.outputs.map((output) => slots[output]);
      const kernel = makeKernel({ operator, inputs, outputs, rounding: this.#rounding });
      if (inputs.every((input) => input?.constant !== false)) {
        // What depends on constants alone, such as expanded float16 weights, is computed once.
        kernel();
        operator.outputs.forEach((output) => (slots[output] = { ...slots[output], constant: true }));
      } else kernels.push(kernel);
    }
    this.#kernels = kernels;
    this.#slots = slots;
    this.#inputs = describeTensors(model, 'inputs');
    this.#outputs = describeTensors(model, 'outputs');
    this.#inputData = subgraph.inputs.map((input) => slots[input].data as EngineData);
    this.#outputData = subgraph.outputs.map((output) => slots[output].data as EngineData);
    this.#batch = batch;
  }

  run(inputs: readonly EngineData[], outputs: readonly EngineData[]): void {
    this.#alive();
    checkArrays('output', this.#outputs, outputs);
    this.compute(inputs);
    for (let i = 0; i < outputs.length; i++) outputs[i].set(this.#outputData[i]);
  }

  /** Computes one batch without handing out its outputs; `tensor` shows them. */
  compute(inputs: readonly EngineData[]): void {
    this.#alive();
    checkArrays('input', this.#inputs, inputs);
    for (let i = 0; i < inputs.length; i++) this.#inputData[i].set(inputs[i]);
    for (let i = 0; i < this.#kernels.length; i++) this.#kernels[i]();
  }

  /**
   * The values of any tensor of the graph as the last run left them, by name: a view that the next run overwrites.
   * Undefined where the graph has no such tensor.
   */
  tensor(name: string): EngineData | undefined {
    return this.#slots.find((slot) => slot.name === name)?.data as EngineData | undefined;
  }

  dispose(): void {
    this.#disposed = true;
    this.#slots = [];
    this.#kernels = [];
    this.#inputData = [];
    this.#outputData = [];
  }

  #alive(): void {
    if (this.#disposed) throw new TfliteError('reference engine', 'was disposed');
  }
}
