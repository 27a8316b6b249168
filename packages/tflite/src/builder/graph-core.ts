import { TfliteError } from '../error.ts';
import type { OperatorName, OperatorOptions } from '../model/operator-options.ts';
import { OPERATORS } from '../model/operators.ts';
import { inferShapes } from '../model/shapes.ts';
import type { TensorType } from '../model/tensor-types.ts';
import { elementCount, type MetadataEntry, type Model, type Operator, type Tensor } from '../model/types.ts';
import { validateModel } from '../model/validate.ts';
import {
  perTensor,
  typeOf,
  type Affine,
  type ConstantData,
  type ConstantOptions,
  type NewTensor,
  type TensorHandle,
} from './handles.ts';
import { minimumVersion } from './versions.ts';

/** The state of a graph under construction: tensors, constants, operators, inputs and outputs. */
export class GraphCore {
  readonly #description: string;
  readonly #tensors: Tensor[] = [];
  readonly #operators: Operator[] = [];
  readonly #buffers: Uint8Array[] = [new Uint8Array(0)];
  readonly #metadata: MetadataEntry[] = [];
  readonly #inputs: { name: string; tensor: number }[] = [];
  readonly #outputs: { name: string; tensor: number }[] = [];
  readonly #names = new Set<string>();
  readonly #smallConstants = new Map<string, TensorHandle>();

  /** Before the names of operators that are given none. */
  #scope = '';

  constructor(options: { description?: string } = {}) {
    this.#description = options.description ?? '';
  }

  /** From here on, operators without a name are named `scope/...`. */
  within(scope: string): void {
    this.#scope = `${scope}/`;
  }

  /**
   * An input of the signature. `shape` is without the batch: a width or a list of dimensions.
   * With `quantization` the input is int8.
   */
  input(
    name: string,
    shape: number | readonly number[],
    options: { type?: TensorType; quantization?: Affine } = {},
  ): TensorHandle {
    const rest = typeof shape === 'number' ? [shape] : shape;
    const type = options.type ?? (options.quantization === undefined ? 'float32' : 'int8');
    const handle = this.#tensor(name, [1, ...rest], type, {
      shapeSignature: [-1, ...rest],
      ...(options.quantization === undefined ? {} : { quantization: perTensor(options.quantization) }),
    });
    this.#inputs.push({ name, tensor: handle.index });
    return handle;
  }

  /** A constant tensor. `data` is copied. */
  constant(name: string, shape: readonly number[], data: ConstantData, options: ConstantOptions = {}): TensorHandle {
    if (data.length !== elementCount(shape)) {
      throw new TfliteError(
        `constant ${name}`,
        `has ${data.length} values, shape [${shape.join(', ')}] needs ${elementCount(shape)}`,
      );
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const buffer = this.#buffers.push(bytes) - 1;
    return this.#tensor(name, shape, options.type ?? typeOf(data), {
      buffer,
      ...(options.quantization === undefined ? {} : { quantization: options.quantization }),
    });
  }

  /** A float32 scalar, stored once for each value. */
  scalar(value: number): TensorHandle {
    return this.#small(`scalar/${value}`, [], Float32Array.of(value));
  }

  /** A float32 row that broadcasts over the batch. */
  row(name: string, values: Float32Array): TensorHandle {
    return this.constant(name, [values.length], values);
  }

  protected integers(values: readonly number[], shape: readonly number[] = [values.length]): TensorHandle {
    return this.#small(`integers/${shape.join('x')}/${values.join('_')}`, shape, Int32Array.from(values));
  }

  #small(name: string, shape: readonly number[], data: ConstantData): TensorHandle {
    let handle = this.#smallConstants.get(name);
    if (handle === undefined) {
      handle = this.constant(name, shape, data);
      this.#smallConstants.set(name, handle);
    }
    return handle;
  }

  /** Any operator with one result, with its options; for int8 results with the quantisation of the output. */
  operator<Name extends OperatorName>(
    op: Name,
    inputs: readonly (TensorHandle | null)[],
    options: OperatorOptions[Name],
    result: { name?: string; quantization?: Affine } = {},
  ): TensorHandle {
    return this.operators(op, inputs, options, [result.name], result.quantization)[0];
  }

  /** Any operator with as many results as there are names. */
  operators<Name extends OperatorName>(
    op: Name,
    inputs: readonly (TensorHandle | null)[],
    options: OperatorOptions[Name],
    names: readonly (string | undefined)[],
    quantization?: Affine,
  ): readonly TensorHandle[] {
    const shared = quantization === undefined ? {} : { quantization: perTensor(quantization) };
    return this.appendMany(op, inputs, options, { names, ...shared });
  }

  /** Makes a tensor an output of the signature. */
  output(name: string, x: TensorHandle): void {
    if (this.#outputs.some((output) => output.name === name)) throw new TfliteError(`output ${name}`, 'exists already');
    this.#outputs.push({ name, tensor: x.index });
  }

  /** A named metadata buffer. */
  metadata(name: string, bytes: Uint8Array): void {
    this.#metadata.push({ name, buffer: this.#buffers.push(bytes.slice()) - 1 });
  }

  /** The finished model, validated, with the signature `serving_default`. */
  build(): Model {
    const model: Model = {
      description: this.#description,
      subgraphs: [
        {
          name: 'main',
          tensors: [...this.#tensors],
          inputs: this.#inputs.map((input) => input.tensor),
          outputs: [...new Set(this.#outputs.map((output) => output.tensor))],
          operators: [...this.#operators],
        },
      ],
      buffers: [...this.#buffers],
      signatures: [{ key: 'serving_default', subgraph: 0, inputs: [...this.#inputs], outputs: [...this.#outputs] }],
      metadata: [...this.#metadata],
    };
    validateModel(model, 'graph');
    return model;
  }

  #tensor(name: string, shape: readonly number[], type: TensorType, rest: Partial<Tensor> = {}): TensorHandle {
    let unique = name;
    for (let n = 1; this.#names.has(unique); n++) unique = `${name}_${n}`;
    this.#names.add(unique);
    const tensor: Tensor = { name: unique, shape, type, buffer: 0, isVariable: false, ...rest };
    const index = this.#tensors.push(tensor) - 1;
    const { quantization } = tensor;
    return { index, name: unique, shape, type, ...(quantization === undefined ? {} : { quantization }) };
  }

  protected append(
    op: OperatorName,
    inputs: readonly (TensorHandle | null)[],
    options: object,
    result: NewTensor & { readonly name?: string | undefined },
  ): TensorHandle {
    return this.appendMany(op, inputs, options, { ...result, names: [result.name] })[0];
  }

  protected appendMany(
    op: OperatorName,
    inputs: readonly (TensorHandle | null)[],
    options: object,
    result: NewTensor & { readonly names: readonly (string | undefined)[] },
  ): readonly TensorHandle[] {
    for (const input of inputs) {
      if (input !== null && this.#tensors[input.index]?.name !== input.name)
        throw new TfliteError(op, `tensor ${input.name} belongs to another graph`);
    }
    const given = inputs.filter((input): input is TensorHandle => input !== null);
    const indices = inputs.map((input) => (input === null ? -1 : input.index));
    // An optional last input that is left out is not written at all, except for -1 in the middle.
    while (indices.at(-1) === -1 && indices.length > OPERATORS[op].minInputs) indices.pop();
    const draft = {
      op,
      version: 1,
      inputs: indices,
      outputs: Array.from({ length: result.names.length }, () => -1),
      options,
    } as unknown as Operator;
    const shapes = inferShapes({
      operator: draft,
      shapes: inputs.slice(0, indices.length).map((input) => input?.shape),
      integers: (input) => this.#constantIntegers(inputs[input] ?? null),
    });
    const fallback = `${this.#scope}${op.toLowerCase()}_${this.#operators.length}`;
    if (typeof shapes === 'string') throw new TfliteError(`${op} ${result.names[0] ?? fallback}`, shapes);
    const data = op === 'SPLIT' ? given[1] : given[0];
    const quantization = 'quantization' in result ? result.quantization : data.quantization;
    const outputs = shapes.map((shape, i) =>
      this.#tensor(result.names[i] ?? (i === 0 ? fallback : `${fallback}/${i}`), shape, result.type ?? data.type, {
        ...this.#signature(given, shape),
        ...(quantization === undefined ? {} : { quantization }),
      }),
    );
    const version = minimumVersion(op, given, outputs, options as Record<string, unknown>);
    this.#operators.push({ ...draft, version, outputs: outputs.map((output) => output.index) });
    return outputs;
  }

  /** Results of tensors with an open batch have an open batch as long as their first dimension is 1. */
  #signature(inputs: readonly TensorHandle[], shape: readonly number[]): { shapeSignature?: readonly number[] } {
    const open = inputs.some((input) => this.#tensors[input.index].shapeSignature?.[0] === -1);
    return open && shape[0] === 1 ? { shapeSignature: [-1, ...shape.slice(1)] } : {};
  }

  #constantIntegers(handle: TensorHandle | null): number[] | undefined {
    if (handle === null || (handle.type !== 'int32' && handle.type !== 'int64')) return undefined;
    const { buffer } = this.#tensors[handle.index];
    if (buffer === 0) return undefined;
    const bytes = this.#buffers[buffer];
    const values = handle.type === 'int32' ? new Int32Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
    return Array.from<number | bigint, number>(values as Int32Array, Number);
  }
}
