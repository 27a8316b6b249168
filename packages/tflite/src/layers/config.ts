import { TfliteError } from '../error.ts';
import type { Layer, LayerWeight } from './layers-model.ts';

/** Typed access to the configuration of a layer. Keys are as the file has them, in snake case. */
export function numberOption(layer: Layer, key: string, fallback: number): number {
  const value = layer.config[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TfliteError(`layer ${layer.name}`, `option ${key} is no number`);
}

export function booleanOption(layer: Layer, key: string, fallback: boolean): boolean {
  const value = layer.config[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'boolean') return value;
  throw new TfliteError(`layer ${layer.name}`, `option ${key} is neither true nor false`);
}

/** A list of `length` numbers; one number stands for all of them. */
export function numbersOption(layer: Layer, key: string, length: number, fallback: number): readonly number[] {
  const value = layer.config[key];
  if (value === undefined || value === null) return Array.from({ length }, () => fallback);
  if (typeof value === 'number') return Array.from({ length }, () => value);
  if (
    Array.isArray(value) &&
    value.every((each) => typeof each === 'number') &&
    (value.length === length || value.length === 1)
  ) {
    return value.length === length ? value : Array.from({ length }, () => value[0] as number);
  }
  throw new TfliteError(`layer ${layer.name}`, `option ${key} is no list of ${length} numbers`);
}

/**
 * One axis of a tensor of `rank` dimensions, counted from its batch. Keras writes a number or a list of one; -1 is the last.
 * Throws `TfliteError` for several axes and for one that the tensor does not have.
 */
export function axisOption(layer: Layer, rank: number, fallback = -1): number {
  const value = layer.config['axis'] ?? fallback;
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const axis = typeof single === 'number' && single < 0 ? single + rank : single;
  if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw new TfliteError(
      `layer ${layer.name} (${layer.className})`,
      `option axis is no single axis of ${rank} dimensions: ${JSON.stringify(value)}`,
    );
  }
  return axis;
}

/** The name of an activation in one spelling: lower case without underscores. */
export function activationOption(layer: Layer, key = 'activation'): string {
  const value = layer.config[key];
  if (value === undefined || value === null) return 'linear';
  const name = typeof value === 'string' ? value : (value as { class_name?: unknown }).class_name;
  if (typeof name !== 'string') throw new TfliteError(`layer ${layer.name}`, `option ${key} is no activation`);
  return name.toLowerCase().replaceAll('_', '');
}

/** A weight of a layer, which must exist. */
export function weight(layer: Layer, name: string): LayerWeight {
  const found = layer.weights.get(name);
  if (found === undefined) throw new TfliteError(`layer ${layer.name}`, `has no weight ${name}`);
  return found;
}

/** The name of the kernel of a DepthwiseConv2D: Keras 3 has another one than TensorFlow.js and Keras 2. */
export function depthwiseKernelName(layer: Layer): string {
  return layer.weights.has('depthwise_kernel') ? 'depthwise_kernel' : 'kernel';
}

/** Refuses data in channels-first order. */
export function requireChannelsLast(layer: Layer): void {
  const value = layer.config['data_format'];
  if (typeof value === 'string' && value.replaceAll('_', '').toLowerCase() === 'channelsfirst') {
    throw new TfliteError(`layer ${layer.name}`, 'has its channels first; only channels last is supported');
  }
}
