import { TfliteError } from '../error.ts';
import { HARD_SIGMOID_OF_KERAS_3 } from './activations.ts';
import { isObject, list, object, string, type Json } from './json.ts';
import { LayerWeights } from './layer-weights.ts';
import type { Layer, LayerCall, LayersInput, LayersModel, LayersOutput, LayerWeight } from './layers-model.ts';
import { isModel, key, listedNode, nodeInputs, nodeReferences, type NodeReference } from './node-references.ts';

/** Nested models deeper than this are taken for a damaged file. */
const MAX_DEPTH = 16;

/**
 * Takes the topology of a LayersModel (Sequential or functional, as TensorFlow.js, Keras 2 and Keras 3 write it) apart into
 * layer calls. Throws `TfliteError` that names the layer for anything missing, unknown or cyclic.
 */
export function parseTopology(topology: unknown, weights: ReadonlyMap<string, LayerWeight>): LayersModel {
  const outer = object(topology, 'modelTopology');
  const model = isObject(outer['model_config']) ? outer['model_config'] : outer;
  const version = outer['keras_version'];
  const parser = new TopologyParser(weights, typeof version === 'string' && version.startsWith('3.'));
  return parser.model(model);
}

/** Values of a model that is being taken apart. */
interface Piece {
  readonly name: string;
  readonly outputs: readonly LayersOutput[];
}

class TopologyParser {
  readonly #weights: LayerWeights;
  readonly #isKeras3: boolean;
  readonly #inputs: LayersInput[] = [];
  readonly #calls: LayerCall[] = [];
  #values = 0;

  constructor(weights: ReadonlyMap<string, LayerWeight>, isKeras3: boolean) {
    this.#weights = new LayerWeights(weights);
    this.#isKeras3 = isKeras3;
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
      if (current === undefined && isModel(layer.className)) {
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
    /** Values by layer and the place of the node in its list. */
    const done = new Map<string, readonly number[]>();
    inputs.forEach((reference, i) => {
      const layer = this.#layer(byName.get(reference.layer) ?? missing(reference.layer, name));
      const value = given === undefined ? this.#input(layer) : given[i];
      if (value === undefined)
        throw new TfliteError(`model ${name}`, `takes ${inputs.length} inputs, got ${given?.length ?? 0}`);
      done.set(key(reference), [value]);
    });
    const resolve = (output: NodeReference): number => {
      const reference = listedNode(output, byName.get(output.layer) ?? missing(output.layer, name));
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
      const node = nodes[reference.node];
      if (node === undefined) throw new TfliteError(`layer ${reference.layer}`, `has no node ${reference.node}`);
      const inputs = nodeInputs(node, `inbound_nodes of ${reference.layer}`).map((input) =>
        listedNode(input, graph.byName.get(input.layer) ?? missing(input.layer, graph.name)),
      );
      const waiting = inputs.filter((input) => !graph.done.has(key(input)));
      if (waiting.length > 0) {
        if (open.has(id)) throw new TfliteError(`layer ${reference.layer}`, 'depends on itself');
        open.add(id);
        for (const input of waiting) stack.push(input);
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
    if (isModel(layer.className)) {
      return this.#model(spec, inputs, depth + 1).outputs.map((output) => output.value);
    }
    const output = this.#values++;
    this.#calls.push({ layer, inputs, output });
    return [output];
  }

  #layer(spec: Json): Layer {
    const className = string(spec['class_name'], 'class_name of a layer');
    const given = isObject(spec['config']) ? spec['config'] : {};
    // Of one name, but another function since Keras 3.
    const isRenamed = this.#isKeras3 && given['activation'] === 'hard_sigmoid';
    const config = isRenamed ? { ...given, activation: HARD_SIGMOID_OF_KERAS_3 } : given;
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

interface FunctionalGraph {
  readonly name: string;
  readonly byName: ReadonlyMap<string, Json>;
  readonly done: Map<string, readonly number[]>;
  readonly depth: number;
}

function missing(layer: string, model: string): never {
  throw new TfliteError(`model ${model}`, `names the layer ${layer}, which it does not have`);
}
