import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '..', '..', 'dist');

/** URL of a built module of this package, for child processes, which cannot run TypeScript. */
export function builtModule(name: string): string {
  const path = join(DIST, name);
  if (!existsSync(path)) throw new Error(`${path} is not there; run \`npx tsc -b\` before the tests`);
  return pathToFileURL(path).href;
}
