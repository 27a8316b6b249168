import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileProblem } from '@edgeguard/contracts/problems';
import type { CoreFlowSink } from './core-flow.ts';
import { FlowLogDecoder, type FlowLogFormat, type FlowLogStatistics } from './flow-log-reader.ts';

const CHUNK = 1 << 16;
const DEFAULT_POLL = 0.25;

export interface FollowOptions {
  readonly format: FlowLogFormat;
  /** Read what is there already (the default), or only what comes. */
  readonly fromBeginning?: boolean;
  /** Seconds between looks at the file, 0.25 by default. */
  readonly pollSeconds?: number;
  /** Called after each look at the file that brought something. */
  readonly onProgress?: (statistics: FlowLogStatistics) => void;
  /** Ends following. */
  readonly signal: AbortSignal;
}

/** What was read while following. */
export interface FollowReport extends FlowLogStatistics {
  /** Times that another file came under the name, or the file was cut to nothing. */
  readonly rotations: number;
}

/**
 * Follows a log as it grows, as `tail -F` does: when the file is rotated, the old one is read to its end and the new
 * one from its beginning; a file that does not exist yet is waited for.
 *
 * @throws UserError when the file may not be read, or is no log of that format
 */
export async function followFlowLog(path: string, onFlow: CoreFlowSink, options: FollowOptions): Promise<FollowReport> {
  const { signal } = options;
  const pause = (options.pollSeconds ?? DEFAULT_POLL) * 1000;
  const decoder = new FlowLogDecoder(onFlow, path, options.format);
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  let rotations = 0;
  let file: FileHandle | undefined;
  let position = 0;
  try {
    for (let first = true; !signal.aborted; first = false) {
      file ??= await openIfThere(path);
      if (file !== undefined) {
        if (first && options.fromBeginning === false) position = (await file.stat()).size;
        const { size } = await file.stat();
        if (size < position) {
          rotations++;
          position = 0;
          decoder.endFile();
        }
        const before = position;
        position = await readOn(file, position, buffer, decoder, signal);
        if (position > before) options.onProgress?.(decoder.statistics());
        if (await isReplaced(file, path)) {
          // What was written between the last read and the rotation.
          const end = await readOn(file, position, buffer, decoder, signal);
          decoder.endFile();
          if (end > position) options.onProgress?.(decoder.statistics());
          await file.close();
          file = undefined;
          position = 0;
          rotations++;
          continue;
        }
      }
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await file?.close();
  }
  return { rotations, ...decoder.statistics() };
}

async function readOn(
  file: FileHandle,
  from: number,
  buffer: Buffer,
  decoder: FlowLogDecoder,
  signal: AbortSignal,
): Promise<number> {
  let position = from;
  while (!signal.aborted) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    decoder.push(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return position;
}

/** True when another file has the name now. While nothing has it, the old file is the log still. */
async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  const other = await openIfThere(path);
  if (other === undefined) return false;
  try {
    const [a, b] = [await file.stat({ bigint: true }), await other.stat({ bigint: true })];
    return a.ino !== b.ino || a.dev !== b.dev;
  } finally {
    await other.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fileProblem(path, error);
  }
}
