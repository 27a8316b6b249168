import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Versions of the code that decides what a detector is. */
export function decidingVersions(): Record<string, string> {
  const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  return Object.fromEntries(
    ['@edgeguard/conversion', '@edgeguard/tflite', '@edgeguard/transform'].map((name) => [name, versionOf(name)]),
  );
}
