import { stat } from 'node:fs/promises';
import type { MeteringSettings } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createProgress, type StageContext } from '@edgeguard/contracts/stage';
import { FlowMeter } from '@edgeguard/metering';
import { readCapture } from '@edgeguard/sources';
import type { SourceFile } from '../files/find-files.ts';
import type { Labeller } from '../labels/labeller.ts';
import { CollectionCounts } from './collection-counts.ts';
import { FLOWS_SCHEMA } from './flows-schema.ts';
import { LabelledRecords } from './labelled-records.ts';

export interface MeterCaptures {
  readonly files: readonly SourceFile[];
  /** One stream in the order given, or each by itself. */
  readonly merge: boolean;
  readonly settings: MeteringSettings;
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
  { files, merge, settings, labelOf }: MeterCaptures,
): Promise<MeteredCaptures> {
  const counts = new CollectionCounts();
  const writer = new DatasetWriter(output.path('flows.arrow'), FLOWS_SCHEMA, {
    'edgeguard.metering': JSON.stringify(settings),
  });
  const progress = createProgress('collect', await totalBytes(files), ['flows']);
  let bytesBefore = 0;
  let stream: MeteredStream | undefined;
  try {
    for (const { path, name } of files) {
      stream ??= new MeteredStream(settings, name, labelOf);
      const { records, meter } = stream;
      records.capture = name;
      const report = await readCapture(path, meter, {
        signal,
        onProgress: async ({ bytesRead }) => {
          for (const batch of records.take()) await writer.write(batch);
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

/** A meter and what it emits. */
class MeteredStream {
  readonly records: LabelledRecords;
  readonly meter: FlowMeter;

  constructor(settings: MeteringSettings, capture: string, labelOf: Labeller) {
    this.records = new LabelledRecords(capture, labelOf);
    this.meter = new FlowMeter(settings, this.records);
  }
}

async function finish(
  { meter, records }: MeteredStream,
  writer: DatasetWriter,
  counts: CollectionCounts,
): Promise<void> {
  meter.finish();
  for (const batch of records.take()) await writer.write(batch);
  counts.add(meter.statistics(), records.repeated);
}

async function totalBytes(files: readonly SourceFile[]): Promise<number> {
  let total = 0;
  for (const { path } of files)
    total += await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  return total;
}
