import { TfliteError } from '../error.ts';
import type { Model, Operator, Signature, Subgraph } from './types.ts';

export interface PruneOptions {
  /** Names of the tensors that become the inputs. Default: those inputs of the model that the outputs need. */
  readonly inputs?: readonly string[];
  /** Names of the tensors that become the outputs, in this order. */
  readonly outputs: readonly string[];
}

/**
 * The smallest model that computes `outputs` from `inputs`: operators, tensors and buffers that this does not need are
 * left out. Inner tensors may be named on both sides, which cuts a part out of a graph. Metadata is dropped; the first
 * signature is kept with the entries that remain.
 *
 * Works on the first subgraph. Throws `TfliteError` for unknown or repeated names, and where `outputs` need something
 * that `inputs` do not give.
 */
export function pruneModel(model: Model, options: PruneOptions): Model {
  const [subgraph] = model.subgraphs;
  const find = (name: string): number => {
    const index = subgraph.tensors.findIndex((tensor) => tensor.name === name);
    if (index === -1) throw new TfliteError(`tensor ${name}`, 'is not in the model');
    if (subgraph.tensors.some((tensor, other) => other > index && tensor.name === name)) {
      throw new TfliteError(`tensor ${name}`, 'is the name of more than one tensor');
    }
    return index;
  };
  const inputs = options.inputs?.map(find) ?? subgraph.inputs;
  return extract(model, inputs, options.outputs.map(find), options.inputs !== undefined);
}

/**
 * The model with only these outputs of its first signature, in this order. Where the model has no signature, the names
 * are those of its output tensors. All inputs of the model stay inputs, so that callers need not care.
 */
export function pruneToOutputs(model: Model, names: readonly string[]): Model {
  const entries = outputEntries(model);
  const outputs = names.map((name) => {
    const entry = entries.find((each) => each.name === name);
    if (entry === undefined) {
      throw new TfliteError(
        `output ${name}`,
        `is not in the model, which has ${entries.map((each) => each.name).join(', ')}`,
      );
    }
    return entry.tensor;
  });
  return extract(model, model.subgraphs[0].inputs, outputs, true);
}

/** The model without operators and tensors that no output needs. Inputs, outputs and their order stay. */
export function withoutUnused(model: Model): Model {
  const [subgraph] = model.subgraphs;
  return extract(model, subgraph.inputs, subgraph.outputs, true);
}

/** Outputs of the first subgraph in order, with their names in the first signature where there is one. */
export function outputEntries(model: Model): readonly { readonly name: string; readonly tensor: number }[] {
  return namedEntries(model, 'outputs');
}

/** Inputs of the first subgraph in order, with their names in the first signature where there is one. */
export function inputEntries(model: Model): readonly { readonly name: string; readonly tensor: number }[] {
  return namedEntries(model, 'inputs');
}

function namedEntries(model: Model, side: 'inputs' | 'outputs'): { name: string; tensor: number }[] {
  const [subgraph] = model.subgraphs;
  const signature = model.signatures.find((each) => each.subgraph === 0);
  return subgraph[side].map((tensor) => {
    const entry = signature?.[side].find((each) => each.tensor === tensor);
    return { name: entry?.name ?? subgraph.tensors[tensor].name, tensor };
  });
}

function extract(model: Model, inputs: readonly number[], outputs: readonly number[], keepInputs: boolean): Model {
  const [subgraph] = model.subgraphs;
  const needed = new Set<number>(outputs);
  const given = new Set<number>(inputs);
  const operators: Operator[] = [];
  for (const operator of subgraph.operators.toReversed()) {
    if (!operator.outputs.some((output) => needed.has(output) && !given.has(output))) continue;
    operators.unshift(operator);
    for (const input of operator.inputs) if (input !== -1) needed.add(input);
    for (const output of operator.outputs) needed.add(output);
  }
  const kept = inputs.filter((input) => keepInputs || needed.has(input));
  for (const input of kept) needed.add(input);
  const missing = subgraph.inputs.find((input) => needed.has(input) && !given.has(input));
  if (missing !== undefined) {
    throw new TfliteError(
      `input ${subgraph.tensors[missing].name}`,
      'is needed but is not among the inputs that are kept',
    );
  }
  return renumber(model, { ...subgraph, inputs: kept, outputs: [...outputs], operators }, needed);
}

/** Drops the tensors that are not `needed` and the buffers that nothing names then. */
function renumber(model: Model, subgraph: Subgraph, needed: ReadonlySet<number>): Model {
  const oldIndices = [...needed].toSorted((a, b) => a - b);
  const tensorIndex = new Map(oldIndices.map((old, index) => [old, index]));
  const at = (old: number): number => (old === -1 ? -1 : (tensorIndex.get(old) as number));
  const buffers: Uint8Array[] = [model.buffers[0]];
  const bufferIndex = new Map<number, number>([[0, 0]]);
  const tensors = oldIndices.map((old) => {
    const tensor = subgraph.tensors[old];
    let buffer = bufferIndex.get(tensor.buffer);
    if (buffer === undefined) {
      buffer = buffers.push(model.buffers[tensor.buffer]) - 1;
      bufferIndex.set(tensor.buffer, buffer);
    }
    return { ...tensor, buffer };
  });
  const renumbered: Subgraph = {
    name: subgraph.name,
    tensors,
    inputs: subgraph.inputs.map(at),
    outputs: subgraph.outputs.map(at),
    operators: subgraph.operators.map((operator): Operator => ({
      ...operator,
      inputs: operator.inputs.map(at),
      outputs: operator.outputs.map(at),
    })),
  };
  return {
    description: model.description,
    subgraphs: [renumbered],
    buffers,
    signatures: model.signatures
      .filter((each) => each.subgraph === 0)
      .slice(0, 1)
      .map((each) => keepEntries(each, subgraph, at)),
    metadata: [],
  };
}

function keepEntries(signature: Signature, subgraph: Subgraph, at: (old: number) => number): Signature {
  const keep = (entries: Signature['inputs'], tensors: readonly number[]): Signature['inputs'] =>
    entries
      .filter((entry) => tensors.includes(entry.tensor))
      .map((entry) => ({ name: entry.name, tensor: at(entry.tensor) }));
  return {
    ...signature,
    inputs: keep(signature.inputs, subgraph.inputs),
    outputs: keep(signature.outputs, subgraph.outputs),
  };
}
