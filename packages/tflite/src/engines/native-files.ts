import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TfliteError } from '../error.ts';

/**
 * Folder and file of the C library by `process.platform` and `process.arch`: below `native/` in the packed package,
 * below `cc_deps/` in the npm package `tfjs-tflite-node`, from which it is copied before packing.
 */
export const SHIPPED_LIBRARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux_amd64/libtensorflowlite_c.so',
  'linux-arm64': 'linux_arm64/libtensorflowlite_c.so',
  'darwin-arm64': 'darwin_arm64/libtensorflowlite_c.dylib',
  'win32-x64': 'windows_amd64/tensorflowlite_c.dll',
};

/** The environment variable that names another TensorFlow Lite or LiteRT C library. */
export const LIBRARY_VARIABLE = 'EDGEGUARD_TFLITE_LIBRARY';

/** The same from `src` and from `dist`. */
const PACKED = fileURLToPath(new URL('../../native/', import.meta.url));
const require = createRequire(import.meta.url);

/**
 * The path of the C library: `override`, else the environment variable, else the one in this package, else the one in
 * `tfjs-tflite-node`. Throws `TfliteError` where there is none.
 */
export function findNativeLibrary(override?: string): string {
  const chosen = override ?? process.env[LIBRARY_VARIABLE];
  if (chosen !== undefined && chosen !== '') {
    if (!existsSync(chosen)) throw new TfliteError('native engine', `the library ${chosen} does not exist`);
    return chosen;
  }
  const platform = `${process.platform}-${process.arch}`;
  const shipped = SHIPPED_LIBRARIES[platform];
  if (shipped === undefined) throw new TfliteError('native engine', `no library is shipped for ${platform}`);
  const packed = path.join(PACKED, shipped);
  if (existsSync(packed)) return packed;
  let root: string;
  try {
    root = path.dirname(require.resolve('tfjs-tflite-node/package.json'));
  } catch (error) {
    throw new TfliteError(
      'native engine',
      `this package has no native/${shipped}, and tfjs-tflite-node is not installed`,
      { cause: error },
    );
  }
  const file = path.join(root, 'cc_deps', shipped);
  if (!existsSync(file)) throw new TfliteError('native engine', `tfjs-tflite-node has no cc_deps/${shipped}`);
  return file;
}
