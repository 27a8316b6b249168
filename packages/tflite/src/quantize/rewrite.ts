import { GraphBuilder } from '../builder/graph-builder.ts';
import { perTensor, type Affine, type ConstantData, type TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import { constantData, isConstant } from '../model/constants.ts';
import type { OperatorName } from '../model/operator-options.ts';
import { inputEntries, outputEntries } from '../model/prune.ts';
import type { Model, Operator, Subgraph, Tensor } from '../model/types.ts';

/**
 * Rebuilds the first subgraph of a float model operator by operator, with a chance to change each. A tensor of the source
 * may exist in the new graph in float, in int8, or in both; conversions are added where they are needed.
 */
export class ModelRewriter {
  readonly model: Model;
  readonly source: Subgraph;
  readonly g: GraphBuilder;
  readonly #floats = new Map<number, TensorHandle>();
  readonly #integers = new Map<number, TensorHandle>();

  constructor(model: Model) {
    this.model = model;
    [this.source] = model.subgraphs;
    this.g = new GraphBuilder({ description: model.description });
    for (const entry of inputEntries(model)) {
      const { shape, type } = this.source.tensors[entry.tensor];
      if (shape[0] !== 1)
        throw new TfliteError(
          `input ${entry.name}`,
          `has a fixed batch of ${shape[0]}; quantisation starts from a batch of 1`,
        );
      this.#floats.set(entry.tensor, this.g.input(entry.name, shape.slice(1), { type }));
    }
  }

  tensor(index: number): Tensor {
    return this.source.tensors[index];
  }

  isConstant(index: number): boolean {
    return isConstant(this.model, this.tensor(index));
  }

  /** The values of a constant float32 tensor. */
  floats(index: number): Float32Array {
    const data = constantData(this.model, this.tensor(index));
    if (data instanceof Float32Array) return data;
    throw new TfliteError(`tensor ${this.tensor(index).name}`, `is ${this.tensor(index).type}, not float32`);
  }

  /** The tensor as it was: float32, or the integers that it held. */
  original(index: number): TensorHandle {
    const found = this.#floats.get(index);
    if (found !== undefined) return found;
    const tensor = this.tensor(index);
    let made: TensorHandle;
    if (this.isConstant(index)) {
      made = this.g.constant(tensor.name, tensor.shape, constantData(this.model, tensor) as ConstantData, {
        type: tensor.type,
      });
    } else {
      const integer = this.#integers.get(index);
      if (integer === undefined) throw new TfliteError(`tensor ${tensor.name}`, 'is used before it is computed');
      made = this.g.dequantize(integer, `${tensor.name}/float`);
    }
    this.#floats.set(index, made);
    return made;
  }

  setOriginal(index: number, handle: TensorHandle): void {
    this.#floats.set(index, handle);
  }

  hasInteger(index: number): boolean {
    return this.#integers.has(index);
  }

  /** The tensor in int8, quantised to `affine` where it is not yet; with `exactly`, always in that scale. */
  integer(index: number, affine: Affine, exactly = false): TensorHandle {
    const found = this.#integers.get(index);
    if (found === undefined) {
      const made = this.isConstant(index)
        ? this.#integerConstant(index, affine)
        : this.g.quantize(this.original(index), affine, `${this.tensor(index).name}/int8`);
      this.#integers.set(index, made);
      return made;
    }
    const [scale] = found.quantization?.scale ?? [];
    const same = scale === Math.fround(affine.scale) && found.quantization?.zeroPoint[0] === affine.zeroPoint;
    return same || !exactly ? found : this.g.quantize(found, affine, `${this.tensor(index).name}/rescaled`);
  }

  setInteger(index: number, handle: TensorHandle): void {
    this.#integers.set(index, handle);
  }

  #integerConstant(index: number, affine: Affine): TensorHandle {
    const { name, shape } = this.tensor(index);
    const values = Int8Array.from(this.floats(index), (value) =>
      Math.min(127, Math.max(-128, Math.round(value / affine.scale) + affine.zeroPoint)),
    );
    return this.g.constant(`${name}/int8`, shape, values, { quantization: perTensor(affine) });
  }

  /** Adds an operator as it was. */
  copy(operator: Operator): void {
    const inputs = operator.inputs.map((input) => (input === -1 ? null : this.original(input)));
    const results = operator.outputs.map((output) => this.tensor(output));
    if (operator.op === 'CAST') {
      this.setOriginal(operator.outputs[0], this.g.cast(inputs[0] as TensorHandle, results[0].type, results[0].name));
      return;
    }
    if (operator.op === 'DEQUANTIZE') {
      this.setOriginal(operator.outputs[0], this.g.dequantize(inputs[0] as TensorHandle, results[0].name));
      return;
    }
    const handles = this.g.operators(
      operator.op as OperatorName,
      inputs,
      operator.options as never,
      results.map((tensor) => tensor.name),
    );
    operator.outputs.forEach((output, i) => this.setOriginal(output, handles[i]));
  }

  /** Names the outputs and gives the finished model. Outputs are float32, as they were. */
  finish(): Model {
    for (const entry of outputEntries(this.model)) this.g.output(entry.name, this.original(entry.tensor));
    return this.g.build();
  }
}
