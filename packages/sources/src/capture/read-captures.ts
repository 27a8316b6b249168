import { stat } from 'node:fs/promises';
import { UserError } from '@edgeguard/contracts';
import type { PacketSink } from '@edgeguard/metering';
import { CaptureDecoder } from './capture-decoder.ts';
import type { CaptureStatistics } from './capture-statistics.ts';
import { COMPRESSION_MAGIC_LENGTH, decompress, describeDamage, detectCompression } from './compression.ts';
import { openChunkedFile } from './file-chunks.ts';
import { expandGlob, isGlob } from './glob.ts';

/** The path that means standard input. */
export const STANDARD_INPUT = '-';

/** How far reading has come. */
export interface CaptureProgress {
  readonly path: string;
  /** Bytes of this file that were read, and its size where that is known. */
  readonly bytesRead: number;
  readonly totalBytes: number | undefined;
  /** Packets of this file. */
  readonly packets: number;
}

export interface ReadCaptureOptions {
  /** Called after every chunk (up to 1 MiB); a promise that it returns is awaited before more is read. */
  readonly onProgress?: (progress: CaptureProgress) => void | Promise<void>;
  /** Ends reading after the present chunk; what was read is reported as usual. */
  readonly signal?: AbortSignal;
}

/** What was read from one file. */
export interface CaptureFileReport extends CaptureStatistics {
  readonly path: string;
  /** True when the caller's signal ended reading. */
  readonly interrupted: boolean;
}

/** What was read from a list of files. */
export interface CaptureReport {
  readonly files: readonly CaptureFileReport[];
  readonly packets: number;
  readonly capturedBytes: number;
  readonly wireBytes: number;
  readonly interrupted: boolean;
}

/**
 * The files that paths and patterns name, in the given order, those of a pattern sorted; each file once. `-` stays.
 *
 * @throws UserError when a pattern matches nothing
 */
export async function expandCapturePaths(paths: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    if (!isGlob(path) || (await exists(path))) {
      files.add(path);
      continue;
    }
    const matches = await expandGlob(path);
    if (matches.length === 0) throw new UserError(path, 'no file matches this pattern', 'check the pattern');
    for (const match of matches) files.add(match);
  }
  return [...files];
}

/**
 * Reads captures one after another, each from its beginning, into one sink.
 *
 * @param paths files, glob patterns and `-` for standard input
 * @throws UserError with the file and the byte for what is no capture, empty, a directory or unreadable
 */
export async function readCaptures(
  paths: readonly string[],
  sink: PacketSink,
  options: ReadCaptureOptions = {},
): Promise<CaptureReport> {
  const files: CaptureFileReport[] = [];
  for (const path of await expandCapturePaths(paths)) {
    if (options.signal?.aborted) break;
    files.push(await readCapture(path, sink, options));
  }
  return {
    files,
    packets: files.reduce((sum, file) => sum + file.packets, 0),
    capturedBytes: files.reduce((sum, file) => sum + file.capturedBytes, 0),
    wireBytes: files.reduce((sum, file) => sum + file.wireBytes, 0),
    interrupted: options.signal?.aborted ?? false,
  };
}

/**
 * Reads one capture: pcap or pcapng, plain, gzip or (where Node has it) zstd. A capture that is cut or corrupt is read
 * up to that point, which `truncated` reports.
 *
 * @param path a file, or `-` for standard input
 */
export async function readCapture(
  path: string,
  sink: PacketSink,
  options: ReadCaptureOptions = {},
): Promise<CaptureFileReport> {
  if (path === STANDARD_INPUT) return readStandardInput(sink, options);
  const file = await openChunkedFile(path);
  try {
    const policy = { reuse: true };
    const keepChunks = () => (policy.reuse = false);
    return await decodeCapture({ path, chunks: file.chunks(policy), size: file.size, keepChunks }, sink, options);
  } finally {
    await file.close();
  }
}

async function readStandardInput(sink: PacketSink, options: ReadCaptureOptions): Promise<CaptureFileReport> {
  const stop = () => process.stdin.destroy();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const chunks = untilDestroyed(process.stdin, options.signal);
    return await decodeCapture({ path: STANDARD_INPUT, chunks, size: undefined }, sink, options);
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** The chunks of a stream; its end when the signal destroyed it. */
async function* untilDestroyed(stream: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
  try {
    yield* stream;
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

interface CaptureInput {
  readonly path: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly size: number | undefined;
  /** Asks the input not to use a chunk's memory again. */
  readonly keepChunks?: () => void;
}

async function decodeCapture(
  input: CaptureInput,
  sink: PacketSink,
  options: ReadCaptureOptions,
): Promise<CaptureFileReport> {
  const { path } = input;
  const name = path === STANDARD_INPUT ? 'standard input' : path;
  const decoder = new CaptureDecoder(sink, name);
  const raw = new CountedChunks(input.chunks);
  let damage: ReturnType<typeof describeDamage>;
  try {
    const compression = detectCompression(await raw.peek(COMPRESSION_MAGIC_LENGTH));
    if (compression !== undefined) input.keepChunks?.();
    for await (const chunk of compression === undefined ? raw : decompress(raw, compression, name)) {
      if (options.signal?.aborted || !decoder.push(chunk)) break;
      await options.onProgress?.({ path, bytesRead: raw.bytes, totalBytes: input.size, packets: decoder.packets });
    }
  } catch (error) {
    damage = describeDamage(error);
    if (damage === undefined) throw error;
  }
  return { path, interrupted: options.signal?.aborted ?? false, ...decoder.end(damage) };
}

/** Passes chunks on, counts their bytes, and lets one look at the first bytes before. */
class CountedChunks implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #head: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The first bytes: at least `length`, or all there are. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#head.length < length) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      this.#head = this.#head.length === 0 ? value : Buffer.concat([this.#head, value]);
    }
    return this.#head;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      const head = this.#head;
      this.#head = new Uint8Array(0);
      this.bytes = head.length;
      if (head.length > 0) yield head;
      for (;;) {
        const { value, done } = await this.#chunks.next();
        if (done) return;
        this.bytes += value.length;
        yield value;
      }
    } finally {
      await this.#chunks.return?.();
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
