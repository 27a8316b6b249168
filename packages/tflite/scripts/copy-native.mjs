// @ts-check
/**
 * Before `npm pack`: copies the TensorFlow Lite C libraries out of the npm package that ships them, so that whoever
 * installs the tarball needs neither that package, whose install script compiles, nor a compiler. With `--remove`, after
 * it: takes them away again.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHIPPED_LIBRARIES } from '../dist/engines/native-files.js';

const target = fileURLToPath(new URL('../native', import.meta.url));
const source = path.dirname(createRequire(import.meta.url).resolve('tfjs-tflite-node/package.json'));
rmSync(target, { recursive: true, force: true });
const files = process.argv.includes('--remove') ? [] : Object.values(SHIPPED_LIBRARIES);
for (const file of files) {
  const from = path.join(source, 'cc_deps', file);
  if (!existsSync(from)) throw new Error(`tfjs-tflite-node has no cc_deps/${file}`);
  mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
  copyFileSync(from, path.join(target, file));
}
