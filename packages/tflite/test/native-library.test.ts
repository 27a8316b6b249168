import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import { loadEngine } from '../src/engines/index.ts';
import { findNativeLibrary, LIBRARY_VARIABLE, SHIPPED_LIBRARIES } from '../src/engines/native-files.ts';
import { loadNativeLibrary } from '../src/engines/native-library.ts';
import { writeModel } from '../src/model/index.ts';

const platform = `${process.platform}-${process.arch}`;
const missing = platform in SHIPPED_LIBRARIES ? '' : ` (skipped: no library is shipped for ${platform})`;

describe.skipIf(missing !== '')(`another native library${missing}`, () => {
  let folder: string;
  let other: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'library-'));
    other = path.join(folder, 'another.so');
    copyFileSync(findNativeLibrary(), other);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const doubling = (): Uint8Array => {
    const g = new GraphBuilder();
    g.output('y', g.mul(g.input('x', 2), g.scalar(2)));
    return writeModel(g.build());
  };

  it('is used where its path is given', async () => {
    const engine = await loadEngine(doubling(), { engine: 'native', libraryPath: other });
    const y = new Float32Array(2);
    engine.run([Float32Array.of(3, 4)], [y]);
    engine.dispose();
    expect(Array.from(y)).toEqual([6, 8]);
    // One handle for each path: that one was loaded, and not the shipped one.
    expect(loadNativeLibrary(other).path).toBe(other);
    expect(loadNativeLibrary().path).not.toBe(other);
  });

  it('is used where the environment names it, unless a path is given', () => {
    vi.stubEnv(LIBRARY_VARIABLE, other);
    expect(loadNativeLibrary().path).toBe(other);
    expect(findNativeLibrary(`${folder}/another.so`)).toBe(other);
    vi.stubEnv(LIBRARY_VARIABLE, '');
    expect(findNativeLibrary()).not.toBe(other);
  });

  it('is refused with the reason where it is none', async () => {
    const text = path.join(folder, 'text.so');
    writeFileSync(text, 'no library');
    const load = loadEngine(doubling(), { engine: 'native', libraryPath: text });
    await expect(load).rejects.toThrow(/native engine: the library does not load \(/);
    vi.stubEnv(LIBRARY_VARIABLE, path.join(folder, 'none.so'));
    expect(() => loadNativeLibrary()).toThrow(/none\.so does not exist/);
  });
});
