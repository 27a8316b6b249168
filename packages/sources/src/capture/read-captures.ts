import { stat } from 'node:fs/promises';
import { UserError } from '@edgeguard/contracts/problems';
import type { PacketSink } from '@edgeguard/metering';
import { CaptureDecoder } from './capture-decoder.ts';
import type { CaptureStatistics } from './capture-statistics.ts';
import { type Input, openInput } from '../input/open-input.ts';
import { describeDamage } from './compression.ts';
import { expandGlob, isGlob } from './glob.ts';

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
  const input = await openInput(path, options.signal);
  try {
    return await decodeCapture(path, input, sink, options);
  } finally {
    await input.close();
  }
}

async function decodeCapture(
  path: string,
  input: Input,
  sink: PacketSink,
  options: ReadCaptureOptions,
): Promise<CaptureFileReport> {
  const decoder = new CaptureDecoder(sink, input.name);
  let damage: ReturnType<typeof describeDamage>;
  try {
    for await (const chunk of input.chunks()) {
      if (options.signal?.aborted || !decoder.push(chunk)) break;
      const { bytesRead, size: totalBytes } = input;
      await options.onProgress?.({ path, bytesRead, totalBytes, packets: decoder.packets });
    }
  } catch (error) {
    damage = describeDamage(error);
    if (damage === undefined) throw error;
  }
  const interrupted = options.signal?.aborted ?? false;
  const statistics = decoder.end(damage);
  // Where reading was given up, nobody knows whether the capture is cut.
  return { path, interrupted, ...statistics, truncated: interrupted ? undefined : statistics.truncated };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
