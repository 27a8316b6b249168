import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TfliteError } from '../error.ts';
import type { LayersModel } from './layers-model.ts';
import { parseTopology } from './topology.ts';
import { decodeWeights, type WeightSpec } from './weights.ts';

/** A LayersModel in memory, as TensorFlow.js gives it to a save handler. */
export interface LayersArtifacts {
  readonly modelTopology: unknown;
  readonly weightSpecs: readonly WeightSpec[];
  readonly weightData: Uint8Array;
}

/** Parses a LayersModel in memory. Throws `TfliteError` that names the layer or weight. */
export function parseLayersModel(artifacts: LayersArtifacts): LayersModel {
  return parseTopology(artifacts.modelTopology, decodeWeights(artifacts.weightSpecs, artifacts.weightData));
}

/**
 * Reads a LayersModel from its folder, or from the path of its `model.json`, with the weight files beside it.
 * TensorFlow.js is not needed. Throws `TfliteError` that names the file, layer or weight.
 */
export async function readLayersModel(source: string): Promise<LayersModel> {
  const file =
    (await stat(source).catch(() => undefined))?.isDirectory() === true ? path.join(source, 'model.json') : source;
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new TfliteError(file, error instanceof SyntaxError ? 'is no JSON' : 'cannot be read', { cause: error });
  }
  if (!isManifestFile(json))
    throw new TfliteError(file, 'is no LayersModel: it has no modelTopology and weightsManifest');
  if (json.format === 'graph-model') throw new TfliteError(file, 'is a GraphModel; only LayersModels are supported');
  const specs: WeightSpec[] = [];
  const parts: Uint8Array[] = [];
  for (const group of json.weightsManifest) {
    for (const spec of group.weights) specs.push(checkSpec(spec, file));
    for (const name of group.paths) parts.push(await readShard(path.dirname(file), name));
  }
  return parseLayersModel({ modelTopology: json.modelTopology, weightSpecs: specs, weightData: Buffer.concat(parts) });
}

interface ManifestFile {
  readonly format?: string;
  readonly modelTopology: unknown;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly unknown[] }[];
}

function isManifestFile(value: unknown): value is ManifestFile {
  if (typeof value !== 'object' || value === null) return false;
  const { modelTopology, weightsManifest } = value as Record<string, unknown>;
  return (
    typeof modelTopology === 'object' &&
    Array.isArray(weightsManifest) &&
    weightsManifest.every((group: unknown) => {
      const { paths, weights } = (group ?? {}) as Record<string, unknown>;
      return Array.isArray(paths) && paths.every((name) => typeof name === 'string') && Array.isArray(weights);
    })
  );
}

function checkSpec(value: unknown, file: string): WeightSpec {
  const { name, shape, dtype } = (value ?? {}) as Record<string, unknown>;
  const fits =
    typeof name === 'string' &&
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every((dimension) => Number.isInteger(dimension) && (dimension as number) >= 0);
  if (!fits) throw new TfliteError(file, `has a damaged weightsManifest at ${String(name)}`);
  return value as WeightSpec;
}

async function readShard(folder: string, name: string): Promise<Uint8Array> {
  // Weight files lie beside model.json: a path that leads elsewhere is not followed.
  if (path.isAbsolute(name) || name.split(/[/\\]/).includes('..')) {
    throw new TfliteError(`weight file ${name}`, 'lies outside of the folder of model.json');
  }
  try {
    return await readFile(path.join(folder, name));
  } catch (error) {
    throw new TfliteError(path.join(folder, name), 'cannot be read', { cause: error });
  }
}
