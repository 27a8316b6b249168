import { type Column, type DatasetSchema, LABELS, SPLIT_PURPOSES, type SplitPurpose } from '@edgeguard/contracts';
import { type ColumnBatch, type ColumnValues, DatasetWriter, ROWS_PER_BATCH } from '@edgeguard/contracts/arrow';
import { labelCode } from '../metrics/labelled-rows.ts';
import type { ScoredSplit } from './score-split.ts';

/**
 * Writes `scores.arrow`: every scored row of every split with its place in the split's file, its label, attack and time,
 * and one column `score_<system>` for each detector and baseline: NaN where it was not asked, which is the train and
 * validation rows for baselines.
 */
export async function writeScores(
  path: string,
  splits: Readonly<Record<SplitPurpose, ScoredSplit>>,
  systems: readonly string[],
): Promise<void> {
  const hasTime = splits.test.labelled.time !== undefined;
  const writer = new DatasetWriter(path, scoresSchema(systems, hasTime));
  try {
    for (const purpose of SPLIT_PURPOSES) {
      const split = splits[purpose];
      for (let from = 0; from < split.labelled.rows; from += ROWS_PER_BATCH) {
        await writer.write(batchOf(purpose, split, systems, from, hasTime));
      }
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function scoresSchema(systems: readonly string[], hasTime: boolean): DatasetSchema {
  const columns: Column[] = [
    { name: 'split', role: 'split', type: 'utf8' },
    { name: 'row', role: 'identity', type: 'uint32' },
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'attack', role: 'label', type: 'utf8' },
    ...(hasTime ? [{ name: 'time', role: 'time', type: 'timestamp' } as const] : []),
    ...systems.map((name): Column => ({ name: scoreColumn(name), role: 'ignore', type: 'float32' })),
  ];
  return { name: 'scores', version: 1, columns };
}

function scoreColumn(system: string): string {
  return `score_${system.replaceAll('-', '_')}`;
}

function batchOf(
  purpose: SplitPurpose,
  { labelled, place, scores }: ScoredSplit,
  systems: readonly string[],
  from: number,
  hasTime: boolean,
): ColumnBatch {
  const to = Math.min(labelled.rows, from + ROWS_PER_BATCH);
  const attackCode = labelCode('attack');
  const label = Array.from(labelled.label.subarray(from, to), (code) => LABELS[code]!);
  const attack = Array.from({ length: to - from }, (_, i) =>
    labelled.label[from + i] === attackCode ? labelled.attackNames[labelled.attack[from + i]!]! : '',
  );
  const columns: Record<string, ColumnValues> = {
    split: Array.from({ length: to - from }, () => purpose),
    row: place.subarray(from, to),
    label,
    attack,
  };
  if (hasTime) columns['time'] = (labelled.time ?? new BigInt64Array(labelled.rows)).subarray(from, to);
  for (const name of systems) {
    columns[scoreColumn(name)] = scores.get(name)?.subarray(from, to) ?? new Float32Array(to - from).fill(Number.NaN);
  }
  return { length: to - from, columns };
}
