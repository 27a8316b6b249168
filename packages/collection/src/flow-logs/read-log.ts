import type { FlowLogSourceConfig } from '@edgeguard/contracts';
import { type CoreFlowSink, type FlowLogFormat, readFlowLogs, readIpfixFiles } from '@edgeguard/sources';
import type { SourceFile } from '../files/find-files.ts';
import type { CollectionCounts } from '../metering/collection-counts.ts';

const FORMATS: Readonly<Record<'zeek' | 'suricata', FlowLogFormat>> = { zeek: 'zeek-conn', suricata: 'suricata-eve' };

export interface ReadLogOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytesRead: number) => Promise<void>;
}

/** Reads one log; what of it cannot be read is counted, and a cut noted. */
export async function readLog(
  { path, name }: SourceFile,
  format: FlowLogSourceConfig['format'],
  onFlow: CoreFlowSink,
  counts: CollectionCounts,
  { signal, onProgress }: ReadLogOptions,
): Promise<void> {
  const options = { signal, onProgress: ({ bytesRead }: { bytesRead: number }) => onProgress(bytesRead) };
  if (format === 'ipfix') {
    for (const report of await readIpfixFiles([path], onFlow, options)) {
      for (const [reason, messages] of report.malformed) counts.drop(`messages: ${reason}`, messages);
      counts.drop('sets: before their template', report.withoutTemplate);
      if (report.lost > 0) counts.note(`${name}: ${report.lost} flows are missing by their serial numbers`);
      if (report.truncatedAt !== undefined) counts.note(`${name}: byte ${report.truncatedAt}: no IPFIX message`);
    }
    return;
  }
  const known = format === 'auto' ? {} : { format: FORMATS[format] };
  for (const report of await readFlowLogs([path], onFlow, { ...options, ...known })) {
    counts.drop('lines: no flow', report.other);
    for (const [reason, lines] of report.malformed) counts.drop(`lines: ${reason}`, lines);
    if (report.truncated !== undefined) counts.note(`${name}: ${report.truncated}; what came before was read`);
  }
}
