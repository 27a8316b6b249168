import {
  type DatasetSchema,
  defaultSplit,
  sha256OfFile,
  SPLIT_PURPOSES,
  type SplitConfig,
  type SplitPurpose,
  type TransformDocument,
  useSplit,
} from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { createProgress, type StageContext, type StageDefinition, type StageReport } from '@edgeguard/contracts/stage';
import { constantFeatures, fitTransform } from '@edgeguard/transform';
import { type DatasetColumns, findColumns } from './rows/dataset-columns.ts';
import { readLabelledRows } from './rows/labelled-rows.ts';
import { assertEnoughRows } from './split/assert-enough-rows.ts';
import { makePlan } from './split/make-plan.ts';
import { SplitWriter } from './split/split-writer.ts';

/** Splits `flows.arrow` and fits the transform on the train split. */
export const preprocessingStage: StageDefinition = { target: 'preprocess', run };

const fileOf = (split: SplitPurpose): string => `${split}.arrow`;

async function run(context: StageContext): Promise<StageReport> {
  const reader = await DatasetReader.open(context.input('collect', 'flows.arrow'));
  const given = context.config.preprocess.split;
  let split: SplitConfig;
  let written: SplitWriter;
  try {
    const columns = findColumns(reader.schema, reader.path);
    split = given ?? defaultSplit(columns.time !== undefined);
    written = await writeSplits(context, reader, columns, split);
  } finally {
    await reader.close();
  }
  assertEnoughRows(reader.path, written.rows, written.dropped, split);
  const transform = await fit(context, reader.schema);
  await context.output.writeJson('transform.json', transform);
  const constant = constantFeatures(transform);
  const notes = constant.length > 0 ? [`features that are constant in train: ${constant.join(', ')}`] : [];
  if (!given) notes.unshift(`split by ${split.by}: the config does not say how`);
  return {
    rows: Object.fromEntries(SPLIT_PURPOSES.map((split) => [fileOf(split), written.rows[split]])),
    dropped: Object.fromEntries([...written.dropped].sort(([a], [b]) => (a < b ? -1 : 1))),
    notes,
  };
}

async function writeSplits(
  { config, log, output, signal }: StageContext,
  reader: DatasetReader,
  columns: DatasetColumns,
  split: SplitConfig,
): Promise<SplitWriter> {
  const plan = await makePlan(reader, columns, split, config.seed, signal);
  const writer = new SplitWriter(reader, plan, (purpose) => output.path(fileOf(purpose)));
  const progress = createProgress('preprocess', reader.batchCount);
  try {
    let batches = 0;
    for await (const rows of readLabelledRows(reader, columns, signal)) {
      await writer.write(rows);
      progress.update(++batches);
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    progress.stop();
  }
  const rows = SPLIT_PURPOSES.map((split) => `${split} ${writer.rows[split]}`).join(', ');
  log.info(`rows: ${rows}`);
  for (const [reason, count] of writer.dropped) log.info(`left out: ${count} ${reason}`);
  return writer;
}

async function fit(context: StageContext, schema: DatasetSchema): Promise<TransformDocument> {
  const path = context.output.path(fileOf('train'));
  const train = await DatasetReader.open(path);
  try {
    return await fitTransform({
      schema,
      rows: train.batches(),
      config: context.config.preprocess.transform,
      splits: useSplit({}, 'train', path, await sha256OfFile(path)),
      seed: context.config.seed,
    });
  } finally {
    await train.close();
  }
}
