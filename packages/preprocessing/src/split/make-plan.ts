import { type Column, type SplitConfig, UserError } from '@edgeguard/contracts';
import type { DatasetReader } from '@edgeguard/contracts/arrow';
import { type DatasetColumns } from '../rows/dataset-columns.ts';
import { readLabelledRows } from '../rows/labelled-rows.ts';
import { planByGroup } from './group-plan.ts';
import { planAtRandom } from './random-plan.ts';
import type { SplitPlan } from './split-plan.ts';
import { planByTime } from './time-plan.ts';

/**
 * Looks through the dataset once and plans its splits as the config says.
 *
 * @throws UserError when the dataset lacks the column that the way of splitting needs
 */
export async function makePlan(
  reader: DatasetReader,
  columns: DatasetColumns,
  config: SplitConfig,
  seed: number,
  signal: AbortSignal,
): Promise<SplitPlan> {
  const place = reader.path;
  const survey = () => readLabelledRows(reader, columns, signal);
  const { shares } = config;
  switch (config.by) {
    case 'time': {
      if (!columns.time) {
        throw new UserError(
          place,
          'it has no time column to split by',
          'set preprocess.split.by to "random" or "file"',
        );
      }
      return planByTime(survey(), { place, timeColumn: columns.time.name, shares, gapSeconds: config.gapSeconds });
    }
    case 'file':
      return planByGroup(survey(), {
        place,
        shares,
        seed,
        part: 'files',
        test: config.test,
        column: fileColumn(columns, place),
      });
    case 'group':
      return planByGroup(survey(), {
        place,
        shares,
        seed,
        part: 'groups',
        test: [],
        column: groupColumn(reader, config.column),
      });
    case 'random': {
      if (columns.time) {
        throw new UserError(
          place,
          `rows with a time (column ${columns.time.name}) cannot be split at random: neighbours in time resemble each other`,
          'set preprocess.split.by to "time", "file" or "group"',
        );
      }
      return planAtRandom(survey, {
        place,
        shares,
        seed,
        test: config.test,
        features: columns.features,
        fileColumn: config.test.length > 0 ? fileColumn(columns, place).name : undefined,
      });
    }
  }
}

function fileColumn(columns: DatasetColumns, place: string): Column {
  if (columns.file) return columns.file;
  throw new UserError(place, 'no column of role split names the source file', 'split by time, group or at random');
}

function groupColumn(reader: DatasetReader, name: string): Column {
  const candidates = reader.schema.columns.filter(({ role }) => role === 'identity' || role === 'split');
  const column = candidates.find((candidate) => candidate.name === name);
  if (column) return column;
  const names = candidates.map((candidate) => candidate.name).join(', ');
  throw new UserError(
    reader.path,
    `it has no identity or split column "${name}" to split by`,
    `set preprocess.split.column to one of: ${names || '(there is none)'}`,
  );
}
