import { stat } from 'node:fs/promises';
import { type FlowLogSourceConfig, sha256OfFile } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createProgress, type StageContext, type StageReport } from '@edgeguard/contracts/stage';
import { findFiles, type SourceFile } from '../files/find-files.ts';
import { CollectionCounts } from '../metering/collection-counts.ts';
import { CORE_FLOWS_SCHEMA } from '../metering/core-records.ts';
import { totalBytes } from '../metering/meter-captures.ts';
import { FlowLogStream } from './flow-log-stream.ts';
import { readLog } from './read-log.ts';

/** Logs of flows to `flows.arrow`. */
export async function collectFlowLogs(context: StageContext, source: FlowLogSourceConfig): Promise<StageReport> {
  const files = await findFiles(context, source);
  const { counts, rows } = await readLogs(context, source, files);
  for (const note of counts.notes) context.log.warn(note);
  context.log.info(`${files.length} flow logs, ${counts.flows} flows`);
  const inputs: Record<string, string> = {};
  for (const { name, path } of files) inputs[name] = await sha256OfFile(path);
  return { rows: { 'flows.arrow': rows }, dropped: Object.fromEntries(counts.dropped), notes: counts.notes, inputs };
}

/** Rows are written as they come. */
async function readLogs(
  { config, output, signal }: StageContext,
  source: FlowLogSourceConfig,
  files: readonly SourceFile[],
): Promise<{ counts: CollectionCounts; rows: number }> {
  const settings = config.collect.metering;
  const counts = new CollectionCounts();
  const writer = new DatasetWriter(output.path('flows.arrow'), CORE_FLOWS_SCHEMA, {
    'edgeguard.metering': JSON.stringify(settings),
  });
  const progress = createProgress('collect', await totalBytes(files), ['flows']);
  const write = async (from: FlowLogStream): Promise<void> => {
    for (const batch of from.take()) await writer.write(batch);
  };
  let bytesBefore = 0;
  let stream: FlowLogStream | undefined;
  try {
    for (const file of files) {
      const current = (stream ??= new FlowLogStream(settings, source, file.name));
      current.file = file.name;
      await readLog(file, source.format, (flow) => current.add(flow), counts, {
        signal,
        onProgress: async (bytesRead) => {
          await write(current);
          progress.update(bytesBefore + bytesRead, { flows: String(writer.rows) });
        },
      });
      signal.throwIfAborted();
      bytesBefore += (await stat(file.path)).size;
      if (!source.merge) {
        current.finish(counts);
        await write(current);
        stream = undefined;
      }
    }
    if (stream) {
      stream.finish(counts);
      await write(stream);
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    progress.stop();
  }
  return { counts, rows: writer.rows };
}
