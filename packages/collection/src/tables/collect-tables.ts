import { stat } from 'node:fs/promises';
import { sha256OfFile, type TableSourceConfig, UserError } from '@edgeguard/contracts';
import { DatasetWriter } from '@edgeguard/contracts/arrow';
import { createProgress, type StageContext, type StageReport } from '@edgeguard/contracts/stage';
import { inferColumns, type TableFile, TableReader, tableSchema } from '@edgeguard/sources';
import { findFiles } from '../files/find-files.ts';

/** Tables to `flows.arrow`: rows that something else has metered. */
export async function collectTables(context: StageContext, given: TableSourceConfig): Promise<StageReport> {
  const files = await findFiles(context, given);
  const { config: source, notes } = await inferColumns(given, files, { signal: context.signal });
  for (const note of notes) context.log.info(note);
  const { reader, rows } = await readRows(context, source, files);
  context.log.info(`${files.length} tables, ${rows} rows, ${reader.malformed.total} malformed`);
  const { total, named } = reader.malformed;
  if (rows === 0) {
    throw new UserError(
      files.map(({ name }) => name).join(', '),
      total === 0 ? 'it has no rows' : `all its rows are malformed, ${total} in number, such as ${named[0]}`,
      'name tables with rows, or correct collect.source',
    );
  }
  const unmet = reader.unmetNormalLabels.map(
    (name) => `no row has the label "${name}", which collect.source.label.normal lists`,
  );
  for (const note of unmet) context.log.warn(note);
  const inputs: Record<string, string> = {};
  for (const { name, path } of files) inputs[name] = await sha256OfFile(path);
  const unlabelled = reader.filesWithoutLabel.map(
    (name) => `${name} has no label column: its rows are taken as normal`,
  );
  return {
    rows: { 'flows.arrow': rows },
    dropped: Object.fromEntries([...reader.malformed.counts].map(([reason, count]) => [`malformed: ${reason}`, count])),
    notes: [...notes, ...unlabelled, ...unmet, ...reader.malformed.named],
    inputs,
  };
}

async function readRows(
  { output, signal }: StageContext,
  source: TableSourceConfig,
  files: readonly TableFile[],
): Promise<{ reader: TableReader; rows: number }> {
  let total = 0;
  const bytesBefore = new Map<TableFile, number>();
  for (const file of files) {
    bytesBefore.set(file, total);
    total += await stat(file.path).then(
      ({ size }) => size,
      () => 0,
    );
  }
  const progress = createProgress('collect', total, ['rows']);
  const writer = new DatasetWriter(output.path('flows.arrow'), tableSchema(source));
  const reader = new TableReader(source, {
    signal,
    onProgress: (file, bytes) => progress.update(bytesBefore.get(file)! + bytes, { rows: String(writer.rows) }),
  });
  try {
    for await (const batch of reader.batches(files)) {
      await writer.write(batch);
      signal.throwIfAborted();
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    progress.stop();
  }
  return { reader, rows: writer.rows };
}
