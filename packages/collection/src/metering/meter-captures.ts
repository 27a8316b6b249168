import { stat } from 'node:fs/promises';
import type { MeteringSettings } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createProgress, type StageContext } from '@edgeguard/contracts/stage';
import { readCapture } from '@edgeguard/sources';
import type { SourceFile } from '../files/find-files.ts';
import type { Labeller } from '../labels/labeller.ts';
import { CollectionCounts } from './collection-counts.ts';
import { openPacketStream, type PacketSchema, type PacketStream, rowSchema } from './packet-stream.ts';

export interface MeterCaptures {
  readonly files: readonly SourceFile[];
  /** One stream in the order given, or each by itself. */
  readonly merge: boolean;
  readonly settings: MeteringSettings;
  readonly schema: PacketSchema;
  readonly labelOf: Labeller;
}

/** What was metered. */
export interface MeteredCaptures {
  readonly counts: CollectionCounts;
  /** Rows of `flows.arrow`. */
  readonly rows: number;
}

/** Meters captures into `flows.arrow`, in order of emission. Rows are written as they come. */
export async function meterCaptures(
  { output, log, signal }: StageContext,
  { files, merge, settings, schema, labelOf }: MeterCaptures,
): Promise<MeteredCaptures> {
  const counts = new CollectionCounts();
  const writer = new DatasetWriter(output.path('flows.arrow'), rowSchema(schema), {
    'edgeguard.metering': JSON.stringify(settings),
  });
  const progress = createProgress('collect', await totalBytes(files), ['flows']);
  let bytesBefore = 0;
  let stream: PacketStream | undefined;
  try {
    for (const { path, name } of files) {
      const current = (stream ??= openPacketStream(schema, settings, name, labelOf));
      current.capture = name;
      const report = await readCapture(path, current.meter, {
        signal,
        onProgress: async ({ bytesRead }) => {
          for (const batch of current.take()) await writer.write(batch);
          progress.update(bytesBefore + bytesRead, { flows: String(writer.rows) });
        },
      });
      signal.throwIfAborted();
      bytesBefore += (await stat(path)).size;
      if (report.truncated) {
        const { atByte, problem } = report.truncated;
        const note = `${name}: byte ${atByte}: ${problem}; the ${report.packets} packets before it were read`;
        counts.note(note);
        log.warn(note);
      }
      if (!merge) {
        await finish(stream, writer, counts);
        stream = undefined;
      }
    }
    if (stream) await finish(stream, writer, counts);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    progress.stop();
  }
  return { counts, rows: writer.rows };
}

async function finish(stream: PacketStream, writer: DatasetWriter, counts: CollectionCounts): Promise<void> {
  stream.finish(counts);
  for (const batch of stream.take()) await writer.write(batch);
}

/** Bytes of all files; 0 for one that is not there. */
export async function totalBytes(files: readonly SourceFile[]): Promise<number> {
  let total = 0;
  for (const { path } of files)
    total += await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  return total;
}
