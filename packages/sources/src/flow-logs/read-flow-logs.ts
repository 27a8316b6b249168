import { expandCapturePaths } from '../capture/read-captures.ts';
import { describeDamage } from '../capture/compression.ts';
import { openInput } from '../input/open-input.ts';
import type { CoreFlowSink } from './core-flow.ts';
import { FlowLogDecoder, type FlowLogFormat, type FlowLogStatistics } from './flow-log-reader.ts';

export interface ReadFlowLogOptions {
  /** Told by the first line where it is not stated. */
  readonly format?: FlowLogFormat;
  /** Called after every chunk; a promise that it returns is awaited before more is read. */
  readonly onProgress?: (progress: {
    readonly path: string;
    readonly bytesRead: number;
    readonly totalBytes: number | undefined;
    readonly flows: number;
  }) => void | Promise<void>;
  /** Ends reading after the present chunk. */
  readonly signal?: AbortSignal;
}

/** What was read from one log. */
export interface FlowLogReport extends FlowLogStatistics {
  readonly path: string;
  /** Set when a packed file is cut or damaged: what came before was read. */
  readonly truncated: string | undefined;
}

/**
 * Reads flow logs one after another: Zeek's conn.log (tab-separated or JSON lines) and Suricata's EVE log, plain or
 * packed. Lines that cannot be read are counted by reason and passed over.
 *
 * @param paths files, glob patterns and `-` for standard input
 * @throws UserError for a file that cannot be read, is empty or is no flow log
 */
export async function readFlowLogs(
  paths: readonly string[],
  onFlow: CoreFlowSink,
  options: ReadFlowLogOptions = {},
): Promise<FlowLogReport[]> {
  const reports: FlowLogReport[] = [];
  for (const path of await expandCapturePaths(paths)) {
    if (options.signal?.aborted) break;
    reports.push(await readFlowLog(path, onFlow, options));
  }
  return reports;
}

async function readFlowLog(path: string, onFlow: CoreFlowSink, options: ReadFlowLogOptions): Promise<FlowLogReport> {
  const input = await openInput(path, options.signal);
  const decoder = new FlowLogDecoder(onFlow, input.name, options.format);
  let truncated: string | undefined;
  try {
    for await (const chunk of input.chunks()) {
      if (options.signal?.aborted) break;
      decoder.push(chunk);
      const { bytesRead, size: totalBytes } = input;
      await options.onProgress?.({ path, bytesRead, totalBytes, flows: decoder.flows });
    }
  } catch (error) {
    truncated = describeDamage(error)?.problem;
    if (truncated === undefined) throw error;
  } finally {
    await input.close();
  }
  return { path, truncated, ...decoder.end() };
}
