import { TfliteError } from '../error.ts';
import { isObject, list, object, string, type Json } from './json.ts';

/** An output of one use of a layer. */
export interface NodeReference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
  /** Whether `node` is the place in the list of the layer's nodes, which for nested models it need not be. */
  readonly isListed: boolean;
}

export function key(reference: NodeReference): string {
  return `${reference.node}/${reference.layer}`;
}

/** `[[layer, node, tensor], ...]`, or one such triple. */
export function nodeReferences(value: unknown, place: string): NodeReference[] {
  const outer = list(value, place);
  const triples = typeof outer[0] === 'string' ? [outer] : outer;
  return triples.map((each) => nodeReference(each, place, false));
}

/** The inputs of a node: references as above or, as Keras 3 writes them, tensors with a history among its arguments. */
export function nodeInputs(node: unknown, place: string): NodeReference[] {
  if (!isObject(node)) return nodeReferences(node, place);
  const references: NodeReference[] = [];
  const waiting: unknown[] = [Object.values(object(node['kwargs'] ?? {}, place)), list(node['args'], place)];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) for (let i = value.length - 1; i >= 0; i--) waiting.push(value[i]);
    else if (isObject(value) && value['class_name'] === '__keras_tensor__') {
      references.push(nodeReference(object(value['config'], place)['keras_history'], place, true));
    }
  }
  return references;
}

function nodeReference(value: unknown, place: string, isListed: boolean): NodeReference {
  const [layer, node, tensor] = list(value, place);
  if (!Number.isInteger(node) || !Number.isInteger(tensor)) throw new TfliteError(place, 'is damaged');
  return { layer: string(layer, place), node: node as number, tensor: tensor as number, isListed };
}

/**
 * A reference by the place in the list of the layer's nodes. Where a nested model counts the use of its own inputs as node 0,
 * the list begins with node 1: models in TensorFlow.js and Keras 2, functional ones as outputs in Keras 3.
 */
export function listedNode(reference: NodeReference, spec: Json): NodeReference {
  if (reference.isListed || reference.node === 0 || !isModel(spec['class_name'])) return reference;
  const nodes = spec['inbound_nodes'];
  const isKeras3 = Array.isArray(nodes) && isObject(nodes[0]);
  return isKeras3 && spec['class_name'] === 'Sequential' ? reference : { ...reference, node: reference.node - 1 };
}

/** Whether a class is a model, as which it may be a layer of another one. */
export function isModel(className: unknown): boolean {
  return className === 'Sequential' || className === 'Model' || className === 'Functional';
}
