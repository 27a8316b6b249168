import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

/** Folder of the models of MLPerf Tiny, which are not part of the repository. */
export const MODELS = path.join(process.env['EDGEGUARD_DATA'] ?? path.resolve(workspace, '../shared/data'), 'models');

/** Why tests with real models are skipped; empty where they run. */
export const MODELS_MISSING = existsSync(path.join(MODELS, 'ad01_fp32.tflite'))
  ? ''
  : ` (skipped: no models in ${MODELS}; set EDGEGUARD_DATA)`;
