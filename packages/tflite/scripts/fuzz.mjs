// @ts-check
/**
 * Open-ended fuzzing of the readers: `node packages/tflite/scripts/fuzz.mjs [--seconds 60] [--seed 1] [--native]`.
 * Ends with exit code 1 at the first ten findings, which are left in `fuzz-findings/`. With `--native`, models that pass
 * validation also run in the native engine; the file in hand is kept there too, so that a crash can be repeated.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as engines from '../dist/engines/index.js';
import * as root from '../dist/index.js';
import * as metadata from '../dist/metadata/index.js';
import * as quantize from '../dist/quantize/index.js';
import { fuzz, targets } from './fuzz-core.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    native: { type: 'boolean', default: false },
  },
});
const folder = path.resolve('fuzz-findings');
const all = targets({ root, metadata, quantize, engines });

/** @param {Uint8Array} bytes */
function runNatively(bytes) {
  const model = root.readModel(bytes);
  if (model.subgraphs[0].tensors.some((tensor) => root.elementCount(tensor.shape) > 20_000)) return;
  writeFileSync(path.join(folder, 'last.tflite'), bytes);
  const engine = new engines.NativeEngine(model);
  // Another batch size allocates anew.
  if (model.subgraphs[0].inputs.length > 0) engine.resize(3);
  engine.dispose();
}

if (values.native) mkdirSync(folder, { recursive: true });
const models = all.filter((target) => target.name.endsWith('model'));
const chosen = values.native ? models.map((target) => ({ ...target, read: runNatively })) : all;
const result = fuzz({
  targets: chosen,
  seed: Number(values.seed),
  milliseconds: Number(values.seconds) * 1000,
  slowest: 2000,
  expected: (error) => error instanceof root.TfliteError,
});
console.log(`${result.files} damaged files, ${result.accepted} accepted, ${result.findings.length} findings`);
result.findings.forEach((finding, i) => {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${finding.target.replaceAll(' ', '-')}-${i}.bin`);
  writeFileSync(file, finding.bytes);
  console.log(`${file}: ${finding.problem}`);
});
process.exitCode = result.findings.length > 0 ? 1 : 0;
