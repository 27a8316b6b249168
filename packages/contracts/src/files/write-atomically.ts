import { open, rename, rm } from 'node:fs/promises';
import { assertReplaceable } from './assert-replaceable.ts';
import { fileProblem } from './file-problem.ts';

/** Writes a whole file beside its place and renames it, so that a reader sees the old file or the new one. */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  assertReplaceable(path);
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw fileProblem(path, error);
  }
}
