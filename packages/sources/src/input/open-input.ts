import { COMPRESSION_MAGIC_LENGTH, decompress, detectCompression } from '../capture/compression.ts';
import { openChunkedFile } from './file-chunks.ts';

/** The path that means standard input. */
export const STANDARD_INPUT = '-';

/** An input that is read once, from its beginning; what is compressed is unpacked. */
export interface Input {
  /** For messages to people. */
  readonly name: string;
  /** Size of a regular file as it lies on the disk; undefined for pipes. */
  readonly size: number | undefined;
  /** Bytes read so far, before unpacking. */
  readonly bytesRead: number;
  /** The unpacked bytes. A chunk is valid until the next one is asked for. */
  chunks(): AsyncGenerator<Uint8Array, void, void>;
  close(): Promise<void>;
}

/**
 * Opens a file, or standard input for `-`.
 *
 * @param signal ends standard input, where the next bytes may never come
 * @throws UserError when the file does not exist, is a directory or may not be read
 */
export async function openInput(path: string, signal?: AbortSignal): Promise<Input> {
  if (path === STANDARD_INPUT) return new RawInput('standard input', undefined, standardInput(signal));
  const file = await openChunkedFile(path);
  const policy = { reuse: true };
  return new RawInput(
    path,
    file.size,
    file.chunks(policy),
    () => (policy.reuse = false),
    () => file.close(),
  );
}

async function* standardInput(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  const stop = () => process.stdin.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of process.stdin) yield chunk;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

class RawInput implements Input {
  readonly name: string;
  readonly size: number | undefined;
  bytesRead = 0;

  readonly #raw: AsyncGenerator<Uint8Array, void, void>;
  readonly #keepChunks: () => void;
  readonly #close: () => Promise<void>;

  constructor(
    name: string,
    size: number | undefined,
    raw: AsyncGenerator<Uint8Array, void, void>,
    keepChunks: () => void = () => undefined,
    close: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.name = name;
    this.size = size;
    this.#raw = raw;
    this.#keepChunks = keepChunks;
    this.#close = close;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    const head = await this.#peek();
    const compression = detectCompression(head);
    if (compression === undefined) {
      yield* this.#rest(head);
    } else {
      // The stream that unpacks holds on to several chunks.
      this.#keepChunks();
      for await (const chunk of decompress(this.#rest(head), compression, this.name)) yield chunk;
    }
  }

  async close(): Promise<void> {
    await this.#raw.return();
    await this.#close();
  }

  /** The first bytes: as many as tell a compressed file, or all there are. */
  async #peek(): Promise<Uint8Array> {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < COMPRESSION_MAGIC_LENGTH) {
      const { value, done } = await this.#raw.next();
      if (done) break;
      head = head.length === 0 ? value : Buffer.concat([head, value]);
    }
    return head;
  }

  async *#rest(head: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
    this.bytesRead = head.length;
    if (head.length > 0) yield head;
    for await (const chunk of this.#raw) {
      this.bytesRead += chunk.length;
      yield chunk;
    }
  }
}
