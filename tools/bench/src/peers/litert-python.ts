import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, writeModel } from '@edgeguard/tflite/model';
import { BATCHES, RUNS } from '../inference/engine-cost.ts';

const SCRIPT = fileURLToPath(new URL('../../peers/litert_inference.py', import.meta.url));

/**
 * Microseconds of CPU per row in the official Python interpreter, at each batch; undefined where it is not installed.
 * The environment variable EDGEGUARD_PYTHON names a Python that has `ai-edge-litert`.
 */
export function litertPythonCost(model: Model, rows: Float32Array): number[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'edgeguard-bench-'));
  try {
    const [modelFile, rowsFile] = [join(folder, 'model.tflite'), join(folder, 'rows')];
    writeFileSync(modelFile, writeModel(model));
    writeFileSync(rowsFile, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    const python = process.env['EDGEGUARD_PYTHON'] ?? 'python3';
    const parameters = [SCRIPT, modelFile, rowsFile, BATCHES.join(','), String(RUNS)];
    const { status, stdout } = spawnSync(python, parameters, { encoding: 'utf8' });
    return status === 0 ? stdout.trim().split('\n').map(Number) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
