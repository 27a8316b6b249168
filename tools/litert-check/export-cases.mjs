// @ts-check
// usage: node tools/litert-check/export-cases.mjs <folder>
// Writes models, rows, and what our native and reference engines give for them, for check.py to compare.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readJson, TransformSchema } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { artifactsFolder, dataFolder, findWorkspaceRoot } from '@edgeguard/contracts/stage';
import { readDetectorFile } from '@edgeguard/detection';
import { loadModelEngine } from '@edgeguard/tflite/engines';
import { convertLayersModel, readLayersModel } from '@edgeguard/tflite/layers';
import { readAssociatedFiles } from '@edgeguard/tflite/metadata';
import { readModel, writeModel } from '@edgeguard/tflite/model';
import { RowEncoder, SeededRandom } from '@edgeguard/transform';

/** Rows of a case. */
const ROWS = 1024;
/** Real models are fed so far from zero; the demo's autoencoder takes scaled rows. */
const DEVIATION = { mlperf: 10, autoencoder: 1 };

/**
 * @typedef {import('@edgeguard/tflite/model').Model} Model
 * @typedef {Float32Array | Int8Array | Int32Array | Int16Array | Uint8Array} Data
 * @typedef {{
 *   model: string, rows: string, precision: string, batch: number, input: { file: string, type: string },
 *   outputs: { name: string, type: string, files: Record<string, string> }[],
 *   byName: boolean, threshold?: number, associatedFiles: { name: string, sha256: string }[]
 * }} Case
 */

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: export-cases.mjs <folder>');
mkdirSync(folder, { recursive: true });
const root = findWorkspaceRoot(process.cwd());
/** @type {Case[]} */
const cases = [];

await exportDetectors();
await exportAutoencoders();
await exportMlperf();
if (cases.length === 0) throw new Error('no models: run `npm start`, or set EDGEGUARD_DATA');
writeFileSync(path.join(folder, 'cases.json'), `${JSON.stringify(cases, null, 1)}\n`);
process.stdout.write(`${cases.length} cases in ${folder}\n`);

/** Detectors of every pipeline that has some, on calibration rows and on rows that no traffic has. */
async function exportDetectors() {
  for (const pipeline of pipelines()) {
    const artifacts = artifactsFolder(root, pipeline);
    const convert = path.join(artifacts, 'convert');
    if (!existsSync(convert)) continue;
    const normal = await calibrationRows(artifacts);
    for (const name of readdirSync(convert).filter((file) => file.endsWith('.tflite'))) {
      const { bytes, document } = await readDetectorFile(path.join(convert, name));
      const shared = {
        model: bytes,
        name: `${pipeline}.${name}`,
        precision: document.precision,
        threshold: document.threshold.value,
      };
      await exportCase({ ...shared, rows: 'calibration rows', input: normal });
      await exportCase({ ...shared, rows: 'adversarial rows', input: adversarialRows(document.baselines) });
    }
  }
}

/** The demo's autoencoder as TensorFlow.js wrote it, in each precision. */
async function exportAutoencoders() {
  for (const pipeline of pipelines()) {
    const trained = path.join(artifactsFolder(root, pipeline), 'train');
    if (!existsSync(path.join(trained, 'model.json'))) continue;
    const source = await readLayersModel(trained);
    for (const precision of /** @type {const} */ (['float32', 'float16', 'dynamic', 'int8'])) {
      const width = widthOf(convertLayersModel(source));
      const input = normalValues(ROWS * width, 3, DEVIATION.autoencoder);
      const model = convertLayersModel(source, { precision, minElements: 0, representative: [input] });
      await exportCase({
        model: writeModel(model),
        name: `${pipeline}.autoencoder.${precision}.tflite`,
        precision,
        rows: 'normal deviates',
        input,
      });
    }
  }
}

/** The models of MLPerf Tiny, as they are and as we write them. */
async function exportMlperf() {
  const models = path.join(dataFolder(root), 'models');
  if (!existsSync(models)) return;
  for (const name of readdirSync(models).filter((file) => file.endsWith('.tflite'))) {
    const original = readFileSync(path.join(models, name));
    const model = readModel(original, { place: name });
    const [subgraph] = model.subgraphs;
    const integer = subgraph.tensors[subgraph.inputs[0]].type === 'int8';
    const count = ROWS * widthOf(model);
    const random = new SeededRandom(5);
    const input = integer
      ? Int8Array.from({ length: count }, () => Math.floor(random.uniform() * 256) - 128)
      : normalValues(count, 5, DEVIATION.mlperf);
    const precision = integer ? 'int8 alone' : 'float32';
    await exportCase({ model: original, name, precision, rows: 'random rows', input });
    await exportCase({ model: writeModel(model), name: `rewritten.${name}`, precision, rows: 'random rows', input });
  }
}

/** @param {{ model: Uint8Array, name: string, precision: string, rows: string, input: Data, threshold?: number }} given */
async function exportCase({ model: bytes, name, precision, rows, input, threshold }) {
  const model = readModel(bytes, { place: name });
  const batch = input.length / widthOf(model);
  writeFileSync(path.join(folder, name), bytes);
  const prefix = `${name}.${rows.replaceAll(' ', '-')}`;
  const inputFile = write(`${prefix}.input`, input);
  /** @type {Case['outputs']} */
  let outputs = [];
  for (const engineName of /** @type {const} */ (['native', 'reference'])) {
    const engine = await loadModelEngine(model, { engine: engineName });
    engine.resize(batch);
    const values = engine.outputs.map(({ type, length }) =>
      type === 'int8' ? new Int8Array(length) : new Float32Array(length),
    );
    engine.run([input], values);
    if (outputs.length === 0) outputs = engine.outputs.map(({ name, type }) => ({ name, type, files: {} }));
    values.forEach((value, i) => {
      outputs[i].files[engineName] = write(`${prefix}.${engineName}.${i}`, value);
    });
    engine.dispose();
  }
  cases.push({
    model: name,
    rows,
    precision,
    batch,
    input: { file: inputFile, type: input instanceof Int8Array ? 'int8' : 'float32' },
    outputs,
    byName: model.signatures.length > 0,
    ...(threshold === undefined ? {} : { threshold }),
    associatedFiles: readAssociatedFiles(bytes).map((file) => ({
      name: file.name,
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
    })),
  });
}

/** @param {string} name @param {Data} data */
function write(name, data) {
  writeFileSync(path.join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return name;
}

/** @param {Model} model */
function widthOf(model) {
  const [subgraph] = model.subgraphs;
  return subgraph.tensors[subgraph.inputs[0]].shape.slice(1).reduce((product, size) => product * size, 1);
}

function pipelines() {
  return readdirSync(path.join(root, 'data', 'pipelines')).sort();
}

/** @param {string} artifacts */
async function calibrationRows(artifacts) {
  const file = path.join(artifacts, 'preprocess', 'calibration.arrow');
  const transform = await readJson(path.join(artifacts, 'preprocess', 'transform.json'), TransformSchema);
  const reader = await DatasetReader.open(file);
  try {
    const encoder = new RowEncoder(reader.schema, transform, file);
    const batch = await reader.batch(0);
    const rows = new Float32Array(batch.length * encoder.width);
    encoder.encode(batch, rows);
    return rows.slice(0, Math.min(batch.length, ROWS) * encoder.width);
  } finally {
    await reader.close();
  }
}

/**
 * Zeros, negative values, subnormals, the ends of what was seen, and far beyond.
 *
 * @param {readonly { readonly min: number, readonly max: number }[]} baselines
 */
function adversarialRows(baselines) {
  const kinds = [
    () => 0,
    () => -1,
    () => 1e-40,
    (/** @type {{ min: number }} */ { min }) => min,
    (/** @type {{ max: number }} */ { max }) => max,
    (/** @type {{ max: number }} */ { max }) => max * 1000,
    () => 1e30,
  ];
  const random = new SeededRandom(11);
  const mixed = Array.from({ length: 128 }, () =>
    baselines.map((baseline) => kinds[Math.floor(random.uniform() * kinds.length)](baseline)),
  );
  const pure = kinds.map((kind) => baselines.map((baseline) => kind(baseline)));
  return Float32Array.from([...pure, ...mixed].flat());
}

/** @param {number} length @param {number} seed @param {number} deviation */
function normalValues(length, seed, deviation) {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    return radius * Math.cos(2 * Math.PI * random.uniform()) * deviation;
  });
}
