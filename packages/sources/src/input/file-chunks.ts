import { type FileHandle, open } from 'node:fs/promises';
import { fileProblem, UserError } from '@edgeguard/contracts/problems';

const LARGEST_CHUNK = 1 << 20;
const SMALLEST_CHUNK = 1 << 16;

/** An input file that is open for reading. */
export interface ChunkedFile {
  /** Size of a regular file; undefined for pipes and devices. */
  readonly size: number | undefined;
  /**
   * Its bytes in order. While the caller works on one chunk the next one is read. Under `reuse` there are two buffers,
   * and a chunk is valid only until the next one is asked for; the caller may end that before it asks for the second.
   */
  chunks(policy: { reuse: boolean }): AsyncGenerator<Uint8Array, void, void>;
  close(): Promise<void>;
}

/**
 * Opens a file for reading in large chunks.
 *
 * @throws UserError when it does not exist, is a directory or may not be read
 */
export async function openChunkedFile(path: string): Promise<ChunkedFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw fileProblem(path, error);
  }
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    await handle.close();
    throw new UserError(path, 'this is a directory', `name the captures in it: '${path.replace(/\/+$/, '')}/*.pcap'`);
  }
  const chunkLength = stat.isFile() ? Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, stat.size)) : LARGEST_CHUNK;
  return {
    size: stat.isFile() ? stat.size : undefined,
    chunks: (policy) => readChunks(handle, path, chunkLength, policy),
    close: () => handle.close(),
  };
}

async function* readChunks(
  handle: FileHandle,
  path: string,
  chunkLength: number,
  policy: { reuse: boolean },
): AsyncGenerator<Uint8Array, void, void> {
  // Plain arrays, not Buffers: what reads frames also gets plain arrays from elsewhere, and is fastest with one class.
  const buffers = [new Uint8Array(chunkLength), new Uint8Array(chunkLength)];
  const fill = (turn: number) => {
    const buffer = turn < 2 || policy.reuse ? buffers[turn & 1] : new Uint8Array(chunkLength);
    const reading = handle.read(buffer, 0, chunkLength, null);
    // It may fail while the caller is busy with the chunk before: the await below reports that.
    reading.catch(() => undefined);
    return reading;
  };
  let ahead = fill(0);
  try {
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await ahead;
      if (bytesRead === 0) return;
      ahead = fill(turn);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw fileProblem(path, error);
  } finally {
    await ahead.catch(() => undefined);
  }
}
