import { UsageError } from '@edgeguard/contracts';
import type { Logger } from '@edgeguard/contracts/stage';
import {
  expandCapturePaths,
  followFlowLog,
  type FlowLogFormat,
  listenNetFlow,
  type NetFlowStatistics,
  readFlowLogs,
  readIpfixFiles,
} from '@edgeguard/sources';
import type { CoreStream } from './core-stream.ts';
import type { FlowLogSource, NetFlowSource } from './traffic-source.ts';
import { whileLive } from './while-live.ts';

const FORMATS: Readonly<Record<'zeek' | 'suricata', FlowLogFormat>> = { zeek: 'zeek-conn', suricata: 'suricata-eve' };
/** A source that brings nothing for so long has nothing more for now: what waits is scored. */
const QUIET_MS = 10_000;

export interface LookOptions {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Lets alerts be written. */
  readonly drain: () => Promise<void>;
  readonly onProgress?: (share: number) => void;
}

/** How streams begin and end. */
export interface Streams<S> {
  open(): S;
  end(stream: S): void;
}

/** Reads logs of flows to their ends. Lines that cannot be read are told of by reason. */
export async function lookAtLogs(
  source: FlowLogSource,
  streams: Streams<CoreStream>,
  options: LookOptions,
): Promise<void> {
  const files = await expandCapturePaths(source.paths);
  let stream = streams.open();
  for (const [index, path] of files.entries()) {
    if (options.signal.aborted) break;
    if (index > 0 && !source.merge) {
      streams.end(stream);
      stream = streams.open();
    }
    const current = stream;
    await readLog(path, source.format, current, {
      ...options,
      onProgress: (share) => options.onProgress?.((index + share) / files.length),
    });
  }
  streams.end(stream);
}

async function readLog(
  path: string,
  format: FlowLogSource['format'],
  stream: CoreStream,
  { signal, log, drain, onProgress }: LookOptions,
): Promise<void> {
  const add = stream.add.bind(stream);
  if (format === 'ipfix') {
    for (const report of await readIpfixFiles([path], add, { signal, onProgress: drain })) {
      tellMissing(path, report, log);
      if (report.truncatedAt !== undefined) log.warn(`${path}: byte ${report.truncatedAt}: no IPFIX message`);
    }
    return;
  }
  const reports = await readFlowLogs([path], add, {
    signal,
    ...(format === 'auto' ? {} : { format: FORMATS[format] }),
    onProgress: ({ bytesRead, totalBytes }) => {
      if (totalBytes) onProgress?.(bytesRead / totalBytes);
      return drain();
    },
  });
  for (const report of reports) {
    tellMalformed(path, 'lines', report.malformed, log);
    if (report.truncated !== undefined) log.warn(`${path}: ${report.truncated}; what came before was read`);
  }
}

/**
 * Follows a log until the signal, through its rotations. Flows are scored once others that ended a minute later have come,
 * or when the log has been quiet for a while.
 */
export async function followLog(
  { paths, format }: FlowLogSource,
  stream: CoreStream,
  options: LookOptions,
): Promise<void> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) throw new UsageError('one log can be followed');
  if (format !== 'zeek' && format !== 'suricata') throw new UsageError('say of what format the log to follow is');
  const { log } = options;
  log.info(`following ${path}`);
  await scoreWhileLive(stream, options, async (signal, onProgress) => {
    const report = await followFlowLog(path, (flow) => stream.add(flow), {
      format: FORMATS[format],
      signal,
      onProgress,
    });
    tellMalformed(path, 'lines', report.malformed, log);
    if (report.rotations > 0) log.info(`${path}: rotated ${report.rotations} times`);
  });
}

/** Hears NetFlow and IPFIX until the signal. Flows are scored as those of a log that is followed. */
export async function listenForFlows(source: NetFlowSource, stream: CoreStream, options: LookOptions): Promise<void> {
  const { log } = options;
  const { port, host } = source;
  await scoreWhileLive(stream, options, async (signal, onProgress) => {
    const report = await listenNetFlow((flow) => stream.add(flow), {
      port,
      ...(host === undefined ? {} : { host }),
      signal,
      onListening: (bound) => log.info(`listening for NetFlow and IPFIX on UDP port ${bound}`),
      onProgress,
    });
    tellMissing(`port ${port}`, report, log);
  });
}

/** Scores what waits when a live source has been quiet. */
async function scoreWhileLive(
  stream: CoreStream,
  options: LookOptions,
  run: (signal: AbortSignal, onProgress: () => void) => Promise<void>,
): Promise<void> {
  let latest = performance.now();
  let isQuiet = true;
  const scoreIfQuiet = (): void => {
    if (isQuiet || performance.now() - latest <= QUIET_MS) return;
    stream.flush();
    isQuiet = true;
  };
  const onProgress = (): void => {
    latest = performance.now();
    isQuiet = false;
  };
  await whileLive(options, scoreIfQuiet, (signal) => run(signal, onProgress));
}

function tellMalformed(path: string, what: string, malformed: ReadonlyMap<string, number>, log: Logger): void {
  for (const [reason, count] of malformed) log.warn(`${path}: ${count} ${what} could not be read: ${reason}`);
}

/** What of NetFlow and IPFIX was not read, and why. */
function tellMissing(path: string, report: NetFlowStatistics, log: Logger): void {
  tellMalformed(path, 'messages', report.malformed, log);
  const { withoutTemplate, lost, forgottenStreams, forgottenTemplates } = report;
  if (withoutTemplate > 0)
    log.warn(`${path}: ${withoutTemplate} sets came before their template and could not be read`);
  if (lost > 0) log.warn(`${path}: ${lost} messages or flows are missing by their serial numbers`);
  if (forgottenStreams + forgottenTemplates > 0) {
    log.warn(`${path}: ${forgottenStreams} exporters and ${forgottenTemplates} templates made room for others`);
  }
}
