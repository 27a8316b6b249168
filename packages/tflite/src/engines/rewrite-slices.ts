import { normalizeAxis } from '../model/broadcast.ts';
import { constantIntegers } from '../model/constants.ts';
import type { Model, Operator, Tensor } from '../model/types.ts';

/** STRIDED_SLICE takes at most this many dimensions. */
const MAX_RANK = 5;

/**
 * The model with SLICE, and SPLIT of which some part is not used, written as STRIDED_SLICE. The WebAssembly build gives
 * zeros for SLICE and fails on such a SPLIT.
 */
export function rewriteSlices(model: Model): Model {
  return new SliceRewriter(model).run();
}

interface Part {
  readonly input: number;
  readonly output: number;
  readonly begin: readonly number[];
  /** -1 goes to the end of the dimension, whatever it is at another batch size. */
  readonly size: readonly number[];
}

class SliceRewriter {
  readonly #model: Model;
  readonly #tensors: Tensor[];
  readonly #buffers: Uint8Array[];
  readonly #used: ReadonlySet<number>;

  constructor(model: Model) {
    const [subgraph] = model.subgraphs;
    this.#model = model;
    this.#tensors = [...subgraph.tensors];
    this.#buffers = [...model.buffers];
    this.#used = new Set([...subgraph.outputs, ...subgraph.operators.flatMap((operator) => operator.inputs)]);
  }

  run(): Model {
    const [subgraph] = this.#model.subgraphs;
    const operators = subgraph.operators.flatMap(
      (operator) => this.#parts(operator)?.map((part) => this.#strided(part)) ?? [operator],
    );
    return {
      ...this.#model,
      buffers: this.#buffers,
      subgraphs: [{ ...subgraph, tensors: this.#tensors, operators }, ...this.#model.subgraphs.slice(1)],
    };
  }

  #integers(index: number): readonly number[] {
    return constantIntegers(this.#model, this.#tensors[index]) ?? [];
  }

  /** What an operator takes out of its input, or undefined where it is to stay. */
  #parts(operator: Operator): readonly Part[] | undefined {
    const data = operator.inputs[operator.op === 'SPLIT' ? 1 : 0];
    if (operator.op !== 'SLICE' && operator.op !== 'SPLIT') return undefined;
    const { shape, type } = this.#tensors[data];
    if (shape.length > MAX_RANK || shape.length === 0 || type === 'bool') return undefined;
    if (operator.op === 'SLICE') {
      const [input, begin, size] = operator.inputs;
      return [{ input, output: operator.outputs[0], begin: this.#integers(begin), size: this.#integers(size) }];
    }
    if (operator.outputs.every((output) => this.#used.has(output))) return undefined;
    const axis = normalizeAxis(this.#integers(operator.inputs[0])[0], shape.length) ?? 0;
    // A part of the batch has no size that holds for every batch.
    if (axis === 0) return undefined;
    const width = shape[axis] / operator.outputs.length;
    return operator.outputs
      .map((output, i): Part => ({
        input: data,
        output,
        begin: shape.map((_, d) => (d === axis ? i * width : 0)),
        size: shape.map((_, d) => (d === axis ? width : -1)),
      }))
      .filter((part) => this.#used.has(part.output));
  }

  #strided(part: Part): Operator {
    const { name, type } = this.#tensors[part.output];
    const mask = (included: (d: number) => boolean): number =>
      part.size.reduce((bits, _, d) => bits | (included(d) ? 1 << d : 0), 0);
    const inputs = [
      part.input,
      this.#constant(`${name}/begin`, part.begin),
      this.#constant(
        `${name}/end`,
        part.size.map((length, d) => (length === -1 ? 0 : part.begin[d] + length)),
      ),
      this.#constant(
        `${name}/strides`,
        part.size.map(() => 1),
      ),
    ];
    return {
      op: 'STRIDED_SLICE',
      version: type === 'int8' ? 2 : 1,
      inputs,
      outputs: [part.output],
      options: {
        beginMask: 0,
        endMask: mask((d) => part.size[d] === -1),
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
        offset: false,
      },
    };
  }

  #constant(name: string, values: readonly number[]): number {
    const buffer = this.#buffers.push(new Uint8Array(Int32Array.from(values).buffer)) - 1;
    return this.#tensors.push({ name, shape: [values.length], type: 'int32', buffer, isVariable: false }) - 1;
  }
}
