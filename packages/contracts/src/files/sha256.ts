import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileProblem } from './file-problem.ts';

/** SHA-256 of some bytes, in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of a file, in hex, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw fileProblem(path, error);
  }
  return hash.digest('hex');
}
