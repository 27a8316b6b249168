import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { withBatch, writeModel, type EngineData, type Model } from '../../src/model/index.ts';

/**
 * LiteRT.js as an oracle: a newer runtime than those of the engines, made by others. It expects a browser: a worker's
 * `importScripts` is all that it asks for to load its module.
 */

interface LiteRtTensor {
  data(): Promise<EngineData>;
  delete(): void;
}

interface CompiledModel {
  run(inputs: readonly LiteRtTensor[]): Promise<readonly LiteRtTensor[]>;
  delete(): void;
}

interface LiteRtModule {
  loadLiteRt(folder: string): Promise<unknown>;
  loadAndCompile(bytes: Uint8Array, options: { accelerator: 'wasm' }): Promise<CompiledModel>;
  Tensor: new (data: EngineData, shape: readonly number[]) => LiteRtTensor;
}

const require = createRequire(import.meta.url);

function folder(): string | undefined {
  try {
    return path.join(path.dirname(require.resolve('@litertjs/core/package.json')), 'wasm');
  } catch {
    return undefined;
  }
}

const wasm = folder();

/** Why LiteRT.js is not among the oracles; empty where it is. */
export const LITERT_MISSING =
  wasm !== undefined && existsSync(wasm) ? '' : ' (without LiteRT.js: @litertjs/core is not installed)';

let loaded: Promise<LiteRtModule> | undefined;

async function load(): Promise<LiteRtModule> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope['self'] ??= globalThis;
  scope['importScripts'] = (url: string): void => {
    // A classic script that declares `ModuleFactory`, in a package whose scripts Node takes for modules.
    const declare = compileFunction(`${readFileSync(url, 'utf8')}; return ModuleFactory;`, [
      'require',
      '__dirname',
      '__filename',
    ]);
    const factory = declare(require, path.dirname(url), url) as (options: object) => Promise<unknown>;
    const wasmBinary = readFileSync(url.replace(/\.js$/, '.wasm'));
    scope['ModuleFactory'] = (options: object) =>
      factory({ ...options, wasmBinary, print: () => undefined, printErr: () => undefined });
  };
  // It warns that there is no WebGPU, which nobody asked for.
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const module = (await import('@litertjs/core')) as unknown as LiteRtModule;
    await module.loadLiteRt(`${wasm}/`);
    return module;
  } finally {
    console.warn = warn;
    delete scope['importScripts'];
  }
}

/** Runs a model once; gives its outputs. Shapes are static there, so a copy with this batch is compiled. */
export async function runLiteRt(model: Model, inputs: readonly EngineData[], batch: number): Promise<EngineData[]> {
  loaded ??= load();
  const { loadAndCompile, Tensor } = await loaded;
  const sized = withoutSignatures(withBatch(model, batch));
  const compiled = await loadAndCompile(writeModel(sized), { accelerator: 'wasm' });
  const [subgraph] = sized.subgraphs;
  const tensors = inputs.map((input, i) => new Tensor(input, subgraph.tensors[subgraph.inputs[i]].shape));
  const outputs = await compiled.run(tensors);
  const values = await Promise.all(outputs.map(async (output) => (await output.data()).slice()));
  for (const tensor of [...tensors, ...outputs]) tensor.delete();
  compiled.delete();
  return values;
}

/** Every shape fixed: LiteRT.js does not resize. */
function withoutSignatures(model: Model): Model {
  const [subgraph] = model.subgraphs;
  const tensors = subgraph.tensors.map((tensor) => {
    const { shapeSignature: _, ...fixed } = tensor;
    return fixed;
  });
  return { ...model, subgraphs: [{ ...subgraph, tensors }] };
}
