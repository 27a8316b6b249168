import { TfliteError } from '../error.ts';
import { LayerWeights } from './layer-weights.ts';
import type { Layer, LayerCall, LayersInput, LayersModel, LayersOutput, LayerWeight } from './layers-model.ts';

type Json = Readonly<Record<string, unknown>>;

/** Nested models deeper than this are taken for a damaged file. */
const MAX_DEPTH = 16;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown, place: string): Json {
  if (!isObject(value)) throw new TfliteError(place, 'is no object');
  return value;
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TfliteError(place, 'is no list');
  return value;
}

function string(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw new TfliteError(place, 'is no name');
  return value;
}

/**
 * Takes the topology of a LayersModel (Sequential or functional, as TensorFlow.js and Keras 2 write it) apart into layer
 * calls. Throws `TfliteError` that names the layer for anything missing, unknown or cyclic.
 */
export function parseTopology(topology: unknown, weights: ReadonlyMap<string, LayerWeight>): LayersModel {
  const outer = object(topology, 'modelTopology');
  const model = isObject(outer['model_config']) ? outer['model_config'] : outer;
  const parser = new TopologyParser(weights);
  return parser.model(model);
}

/** Values of a model that is being taken apart. */
interface Piece {
  readonly name: string;
  readonly outputs: readonly LayersOutput[];
}

class TopologyParser {
  readonly #weights: LayerWeights;
  readonly #inputs: LayersInput[] = [];
  readonly #calls: LayerCall[] = [];
  #values = 0;

  constructor(weights: ReadonlyMap<string, LayerWeight>) {
    this.#weights = new LayerWeights(weights);
  }

  model(config: Json): LayersModel {
    const piece = this.#model(config, undefined, 0);
    return { name: piece.name, inputs: this.#inputs, calls: this.#calls, outputs: piece.outputs };
  }

  /** A model applied to values, or, at the top where there are none, to inputs of its own. */
  #model(spec: Json, given: readonly number[] | undefined, depth: number): Piece {
    if (depth > MAX_DEPTH) throw new TfliteError('modelTopology', `nests models more than ${MAX_DEPTH} deep`);
    const className = string(spec['class_name'], 'class_name of the model');
    switch (className) {
      case 'Sequential':
        return this.#sequential(spec['config'], given, depth);
      case 'Model':
      case 'Functional':
        return this.#functional(object(spec['config'], 'config of the model'), given, depth);
      default:
        throw new TfliteError(
          'modelTopology',
          `is a ${className}; only Sequential and functional models are supported`,
        );
    }
  }

  #sequential(config: unknown, given: readonly number[] | undefined, depth: number): Piece {
    const specs = list(isObject(config) ? config['layers'] : config, 'layers of the model');
    const name = isObject(config) && typeof config['name'] === 'string' ? config['name'] : 'sequential';
    let current = given;
    let last = name;
    specs.forEach((each, i) => {
      const spec = object(each, `layer ${i}`);
      const layer = this.#layer(spec);
      last = layer.name;
      if (current === undefined && isModel(layer)) {
        current = this.#model(spec, undefined, depth + 1).outputs.map((output) => output.value);
        return;
      }
      if (current === undefined) {
        current = [this.#input(layer)];
        if (layer.className === 'InputLayer') return;
      } else if (layer.className === 'InputLayer') return;
      current = this.#apply(spec, layer, current, depth);
    });
    if (current === undefined) throw new TfliteError(`model ${name}`, 'has no layers');
    return { name, outputs: current.map((value) => ({ name: last, value })) };
  }

  #functional(config: Json, given: readonly number[] | undefined, depth: number): Piece {
    const name = typeof config['name'] === 'string' ? config['name'] : 'model';
    const specs = list(config['layers'], `layers of ${name}`).map((spec, i) => object(spec, `layer ${i} of ${name}`));
    const byName = new Map(
      specs.map((spec) => [
        string(spec['name'] ?? object(spec['config'], 'config')['name'], `name of a layer of ${name}`),
        spec,
      ]),
    );
    const inputs = nodeReferences(config['input_layers'], `input_layers of ${name}`);
    const outputs = nodeReferences(config['output_layers'], `output_layers of ${name}`);
    /** Values by layer and node. */
    const done = new Map<string, readonly number[]>();
    inputs.forEach((reference, i) => {
      const layer = this.#layer(byName.get(reference.layer) ?? missing(reference.layer, name));
      const value = given === undefined ? this.#input(layer) : given[i];
      if (value === undefined)
        throw new TfliteError(`model ${name}`, `takes ${inputs.length} inputs, got ${given?.length ?? 0}`);
      done.set(key(reference), [value]);
    });
    const resolve = (reference: NodeReference): number => {
      this.#compute(reference, { name, byName, done, depth });
      const value = done.get(key(reference))?.[reference.tensor];
      if (value === undefined) throw new TfliteError(`layer ${reference.layer}`, `has no output ${reference.tensor}`);
      return value;
    };
    const names = new Map<string, number>();
    return {
      name,
      outputs: outputs.map((reference) => {
        const uses = names.get(reference.layer) ?? 0;
        names.set(reference.layer, uses + 1);
        return { name: uses === 0 ? reference.layer : `${reference.layer}_${uses}`, value: resolve(reference) };
      }),
    };
  }

  /** Computes a node after what it needs, without recursion: hostile files may chain very many layers. */
  #compute(target: NodeReference, graph: FunctionalGraph): void {
    const stack: NodeReference[] = [target];
    const open = new Set<string>();
    while (stack.length > 0) {
      const reference = stack[stack.length - 1];
      const id = key(reference);
      if (graph.done.has(id)) {
        stack.pop();
        continue;
      }
      const spec = graph.byName.get(reference.layer) ?? missing(reference.layer, graph.name);
      const nodes = list(spec['inbound_nodes'], `inbound_nodes of ${reference.layer}`);
      // Node 0 of a nested model is the one from its own inputs; the file lists the nodes after it.
      const position = isModel(this.#layer(spec)) && reference.node > 0 ? reference.node - 1 : reference.node;
      if (nodes[position] === undefined) {
        throw new TfliteError(`layer ${reference.layer}`, `has no node ${reference.node}`);
      }
      const inputs = nodeReferences(nodes[position], `inbound_nodes of ${reference.layer}`);
      const waiting = inputs.filter((input) => !graph.done.has(key(input)));
      if (waiting.length > 0) {
        if (open.has(id)) throw new TfliteError(`layer ${reference.layer}`, 'depends on itself');
        open.add(id);
        stack.push(...waiting);
        continue;
      }
      const values = inputs.map(
        (input) => graph.done.get(key(input))?.[input.tensor] ?? missing(input.layer, graph.name),
      );
      graph.done.set(id, this.#apply(spec, this.#layer(spec), values, graph.depth));
      stack.pop();
    }
  }

  #apply(spec: Json, layer: Layer, inputs: readonly number[], depth: number): readonly number[] {
    if (isModel(layer)) {
      return this.#model(spec, inputs, depth + 1).outputs.map((output) => output.value);
    }
    const output = this.#values++;
    this.#calls.push({ layer, inputs, output });
    return [output];
  }

  #layer(spec: Json): Layer {
    const className = string(spec['class_name'], 'class_name of a layer');
    const config = isObject(spec['config']) ? spec['config'] : {};
    const name = string(spec['name'] ?? config['name'] ?? className, `name of a ${className} layer`);
    return { name, className, config, weights: this.#weights.of(name, className) };
  }

  #input(layer: Layer): number {
    const batchShape = layer.config['batch_input_shape'] ?? layer.config['batch_shape'];
    const shape = list(batchShape, `batch_input_shape of layer ${layer.name}`).slice(1);
    const bad = shape.find((dimension) => !Number.isInteger(dimension) || (dimension as number) < 1);
    if (bad !== undefined) {
      throw new TfliteError(
        `layer ${layer.name}`,
        `has the input shape [${shape.join(', ')}]; only the batch may be open`,
      );
    }
    const value = this.#values++;
    const dtype = layer.config['dtype'] === 'int32' ? 'int32' : 'float32';
    this.#inputs.push({
      name: layer.className === 'InputLayer' ? layer.name : `${layer.name}_input`,
      shape: shape as number[],
      dtype,
      value,
    });
    return value;
  }
}

function isModel(layer: Layer): boolean {
  return ['Sequential', 'Model', 'Functional'].includes(layer.className);
}

interface FunctionalGraph {
  readonly name: string;
  readonly byName: ReadonlyMap<string, Json>;
  readonly done: Map<string, readonly number[]>;
  readonly depth: number;
}

interface NodeReference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

function key(reference: NodeReference): string {
  return `${reference.node}/${reference.layer}`;
}

function missing(layer: string, model: string): never {
  throw new TfliteError(`model ${model}`, `names the layer ${layer}, which it does not have`);
}

/** `[[layer, node, tensor], ...]`, or one such triple. */
function nodeReferences(value: unknown, place: string): NodeReference[] {
  const outer = list(value, place);
  const triples = typeof outer[0] === 'string' ? [outer] : outer;
  return triples.map((each) => {
    const [layer, node, tensor] = list(each, place);
    if (!Number.isInteger(node) || !Number.isInteger(tensor)) throw new TfliteError(place, 'is damaged');
    return { layer: string(layer, place), node: node as number, tensor: tensor as number };
  });
}
