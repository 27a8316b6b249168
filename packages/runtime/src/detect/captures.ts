import { expandCapturePaths, readCapture } from '@edgeguard/sources';
import type { LookOptions, Streams } from './flow-logs.ts';
import type { CoreStream } from './core-stream.ts';
import type { MeteredStream } from './metered-stream.ts';
import type { DetectSummary } from './summary.ts';

/**
 * Reads captures to their ends: one that is cut up to the cut, which is told of.
 *
 * @param merge one stream in the order given; else each capture by itself
 * @returns captures that are cut, with the place
 */
export async function lookAtCaptures(
  paths: readonly string[],
  merge: boolean,
  streams: Streams<MeteredStream | CoreStream>,
  { signal, drain, onProgress, log }: LookOptions,
): Promise<DetectSummary['truncated']> {
  const cut: DetectSummary['truncated'] = [];
  const files = await expandCapturePaths(paths);
  let stream = streams.open();
  for (const [index, path] of files.entries()) {
    if (signal.aborted) break;
    if (index > 0 && !merge) {
      streams.end(stream);
      stream = streams.open();
    }
    const report = await readCapture(path, stream.meter, {
      signal,
      onProgress: ({ bytesRead, totalBytes }) => {
        if (totalBytes) onProgress?.((index + bytesRead / totalBytes) / files.length);
        return drain();
      },
    });
    if (report.truncated) {
      const { atByte, problem } = report.truncated;
      cut.push({ path, atByte, problem });
      log.warn(`${path}: byte ${atByte}: ${problem}; the ${report.packets} packets before it were read`);
    }
  }
  streams.end(stream);
  return cut;
}
