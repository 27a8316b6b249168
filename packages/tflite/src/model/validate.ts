import { TfliteError } from '../error.ts';
import { sameShape } from './broadcast.ts';
import { constantIntegers, isConstant } from './constants.ts';
import { kernelTypeProblem } from './kernel-types.ts';
import { OPERATORS } from './operators.ts';
import { inferShapes } from './shapes.ts';
import { bytesPerElement } from './tensor-types.ts';
import {
  elementCount,
  type Model,
  type Operator,
  type Quantization,
  type Signature,
  type Subgraph,
  type Tensor,
} from './types.ts';

const MAX_RANK = 8;
/** Largest tensor, and largest sum of computed tensors of a subgraph, in bytes. */
const MAX_BYTES = 2 ** 30;

/**
 * Checks that a model is complete and consistent, and that this package supports all of it: indices, graph order,
 * operator arity, shapes (inferred from the inputs and compared), element types, quantisation, buffer sizes.
 * Throws `TfliteError` that names the tensor or operator.
 *
 * @param place named at the head of every error.
 */
export function validateModel(model: Model, place = 'model'): void {
  const fail = (problem: string): never => {
    throw new TfliteError(place, problem);
  };
  if (model.subgraphs.length === 0) fail('has no subgraph');
  if (model.buffers.length === 0) fail('has no buffers; buffer 0 must exist and be empty');
  if (model.buffers[0].byteLength > 0) fail('buffer 0 must be empty');
  model.subgraphs.forEach((subgraph, i) => {
    new SubgraphValidator(model, subgraph, model.subgraphs.length === 1 ? place : `${place}, subgraph ${i}`).validate();
  });
  for (const signature of model.signatures) validateSignature(model, signature, place);
  for (const entry of model.metadata) {
    if (model.buffers[entry.buffer] === undefined)
      fail(`metadata ${entry.name} names buffer ${entry.buffer} of ${model.buffers.length}`);
  }
}

function validateSignature(model: Model, signature: Signature, place: string): void {
  const where = `${place}, signature ${signature.key}`;
  const subgraph = model.subgraphs[signature.subgraph];
  if (subgraph === undefined)
    throw new TfliteError(where, `names subgraph ${signature.subgraph} of ${model.subgraphs.length}`);
  const sides = [
    ['input', signature.inputs, subgraph.inputs],
    ['output', signature.outputs, subgraph.outputs],
  ] as const;
  for (const [side, entries, tensors] of sides) {
    const names = new Set<string>();
    for (const entry of entries) {
      if (!tensors.includes(entry.tensor))
        throw new TfliteError(where, `${side} ${entry.name} is no ${side} of its subgraph`);
      if (names.has(entry.name)) throw new TfliteError(where, `${side} ${entry.name} occurs twice`);
      names.add(entry.name);
    }
  }
}

class SubgraphValidator {
  readonly #model: Model;
  readonly #subgraph: Subgraph;
  readonly #place: string;

  constructor(model: Model, subgraph: Subgraph, place: string) {
    this.#model = model;
    this.#subgraph = subgraph;
    this.#place = place;
  }

  validate(): void {
    const { tensors, inputs, outputs, operators } = this.#subgraph;
    tensors.forEach((tensor, index) => this.#tensor(tensor, index));
    this.#memory();
    const available = tensors.map(
      (tensor) => isConstant(this.#model, tensor) || this.#isEmptyConstant(tensor) || tensor.isVariable,
    );
    this.#inputs(inputs, available);
    operators.forEach((operator, index) => this.#operator(operator, index, available));
    outputs.forEach((output, i) => {
      if (available[output] !== true) this.#fail(`output ${i} (tensor ${output}) is never computed`);
    });
    if (outputs.length === 0) this.#fail('has no outputs');
  }

  #fail(problem: string): never {
    throw new TfliteError(this.#place, problem);
  }

  #failTensor(tensor: Tensor, index: number, problem: string): never {
    throw new TfliteError(`${this.#place}, tensor ${index} (${tensor.name})`, problem);
  }

  /** A constant with no elements has an empty buffer of its own. */
  #isEmptyConstant(tensor: Tensor): boolean {
    return tensor.buffer !== 0 && elementCount(tensor.shape) === 0;
  }

  #inputs(inputs: readonly number[], available: boolean[]): void {
    const seen = new Set<number>();
    for (const input of inputs) {
      const tensor = this.#subgraph.tensors[input];
      if (tensor === undefined) this.#fail(`input names tensor ${input} of ${this.#subgraph.tensors.length}`);
      if (seen.has(input)) this.#failTensor(tensor, input, 'is an input twice');
      if (available[input]) this.#failTensor(tensor, input, 'is an input but holds a constant');
      seen.add(input);
      available[input] = true;
    }
  }

  #tensor(tensor: Tensor, index: number): void {
    const { shape, shapeSignature, type, buffer, quantization } = tensor;
    if (shape.length > MAX_RANK)
      this.#failTensor(tensor, index, `has ${shape.length} dimensions; at most ${MAX_RANK} are supported`);
    const bad = shape.find((dimension) => !Number.isInteger(dimension) || dimension < 0 || dimension > MAX_BYTES);
    if (bad !== undefined) this.#failTensor(tensor, index, `has a dimension of ${bad}`);
    if (shapeSignature !== undefined) {
      const fits =
        shapeSignature.length === shape.length && shapeSignature.every((each, d) => each === -1 || each === shape[d]);
      if (!fits)
        this.#failTensor(
          tensor,
          index,
          `shape [${shape.join(', ')}] contradicts its signature [${shapeSignature.join(', ')}]`,
        );
    }
    const size = bytesPerElement(type);
    if (size === 0) this.#failTensor(tensor, index, `type ${type} is not supported`);
    const bytes = elementCount(shape) * size;
    if (bytes > MAX_BYTES) this.#failTensor(tensor, index, `needs ${bytes} bytes; at most ${MAX_BYTES} are supported`);
    const data = this.#model.buffers[buffer];
    if (data === undefined) this.#failTensor(tensor, index, `names buffer ${buffer} of ${this.#model.buffers.length}`);
    if (data.byteLength > 0 && data.byteLength !== bytes) {
      this.#failTensor(
        tensor,
        index,
        `buffer ${buffer} has ${data.byteLength} bytes, shape [${shape.join(', ')}] needs ${bytes}`,
      );
    }
    if (quantization !== undefined) this.#quantization(tensor, index, quantization);
  }

  #quantization(tensor: Tensor, index: number, quantization: Quantization): void {
    const { scale, zeroPoint, quantizedDimension } = quantization;
    if (scale.length !== zeroPoint.length)
      this.#failTensor(tensor, index, `has ${scale.length} scales and ${zeroPoint.length} zero points`);
    const bad = scale.find((value) => !Number.isFinite(value) || value <= 0);
    if (bad !== undefined && tensor.type !== 'float32') this.#failTensor(tensor, index, `has a scale of ${bad}`);
    const [low, high] = zeroPointRange(tensor);
    const outside = zeroPoint.find((value) => !Number.isInteger(value) || value < low || value > high);
    if (outside !== undefined) this.#failTensor(tensor, index, `has a zero point of ${outside}`);
    if (scale.length > 1 && tensor.shape[quantizedDimension] !== scale.length) {
      this.#failTensor(
        tensor,
        index,
        `has ${scale.length} scales along dimension ${quantizedDimension} of [${tensor.shape.join(', ')}]`,
      );
    }
  }

  #memory(): void {
    let computed = 0;
    for (const tensor of this.#subgraph.tensors) {
      if (!isConstant(this.#model, tensor)) computed += elementCount(tensor.shape) * bytesPerElement(tensor.type);
    }
    if (computed > MAX_BYTES) this.#fail(`its tensors need ${computed} bytes; at most ${MAX_BYTES} are supported`);
  }

  #operator(operator: Operator, index: number, available: boolean[]): void {
    const { tensors } = this.#subgraph;
    const definition = OPERATORS[operator.op];
    const outputName = tensors[operator.outputs[0]]?.name ?? '';
    const fail = (problem: string): never => {
      throw new TfliteError(`${this.#place}, operator ${index} (${operator.op} -> ${outputName})`, problem);
    };
    const { length } = operator.inputs;
    if (length < definition.minInputs || length > definition.maxInputs) fail(`has ${length} inputs`);
    if (operator.outputs.length < definition.minOutputs || operator.outputs.length > definition.maxOutputs) {
      fail(`has ${operator.outputs.length} outputs`);
    }
    const inputs = operator.inputs.map((input, position) => {
      // Other kernels take an input that is named to be there.
      if (input === -1 && operator.op === 'FULLY_CONNECTED' && position === 2) return undefined;
      if (tensors[input] === undefined) fail(`input ${position} names tensor ${input} of ${tensors.length}`);
      if (!available[input]) fail(`reads tensor ${input} (${tensors[input].name}) before anything computes it`);
      return tensors[input];
    });
    const outputs = operator.outputs.map((output, position) => {
      if (tensors[output] === undefined) fail(`output ${position} names tensor ${output} of ${tensors.length}`);
      if (available[output]) fail(`writes tensor ${output} (${tensors[output].name}), which already has a value`);
      available[output] = true;
      return tensors[output];
    });
    const typeProblem = kernelTypeProblem(operator, inputs, outputs);
    if (typeProblem !== undefined) fail(typeProblem);
    const problem = optionProblem(operator);
    if (problem !== undefined) fail(problem);
    const shapes = inferShapes({
      operator,
      shapes: inputs.map((tensor) => tensor?.shape),
      integers: (input) => {
        const tensor = inputs[input];
        return tensor === undefined ? undefined : constantIntegers(this.#model, tensor);
      },
    });
    if (typeof shapes === 'string') fail(shapes);
    outputs.forEach((tensor, i) => {
      const inferred = shapes[i] as readonly number[];
      if (!sameShape(inferred, tensor.shape)) {
        fail(`gives shape [${inferred.join(', ')}], tensor ${tensor.name} has [${tensor.shape.join(', ')}]`);
      }
    });
  }
}

function zeroPointRange(tensor: Tensor): readonly [number, number] {
  if (tensor.type === 'int8') return [-128, 127];
  if (tensor.type === 'uint8') return [0, 255];
  return [-(2 ** 31), 2 ** 31 - 1];
}

function optionProblem(operator: Operator): string | undefined {
  const options = operator.options as unknown as Record<string, unknown>;
  const missing = Object.keys(OPERATORS[operator.op].options).find((key) => options[key] === undefined);
  if (missing !== undefined) return `option ${missing} is missing`;
  if (!Number.isInteger(operator.version) || operator.version < 1) return `has version ${operator.version}`;
  const { activation } = options;
  if (activation === 'tanh' || activation === 'sign_bit') return `the fused activation ${activation} is not supported`;
  return undefined;
}
