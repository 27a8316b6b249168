import { type TableSourceConfig, UserError } from '@edgeguard/contracts';
import { distinctNames, ignoredByPattern } from './column-names.ts';
import { keptColumns } from './table-schema.ts';

/** Where the cells of a file's rows are. */
export interface ColumnPlaces {
  /** Cells in a row. */
  readonly cells: number;
  /** Place of each kept column, in their order. */
  readonly kept: readonly number[];
  /** Undefined in a file without labels. */
  readonly label: number | undefined;
  readonly attack: number | undefined;
}

/**
 * Finds the config's columns by the names of a file's header, or by their order where it has none.
 *
 * @param header the first row of a file with a header, else undefined
 * @throws UserError for a column that is missing, named twice, or listed nowhere
 */
export function findColumnPlaces(
  place: string,
  config: TableSourceConfig,
  header: readonly string[] | undefined,
): ColumnPlaces {
  const names = header ? distinctNames(header) : config.columns.map(({ name }) => name);
  const placeOf = new Map(names.map((name, index) => [name, index]));
  if (placeOf.size < names.length) {
    const twice = names.find((name, index) => placeOf.get(name) !== index);
    throw new UserError(place, `two columns are named "${twice}"`, 'give each column a name of its own');
  }
  const { label, columns } = config;
  const listed = new Set([...columns.map(({ name }) => name), label?.column, label?.attackColumn]);
  const isIgnored = ignoredByPattern(config);
  const unlisted = names.find((name) => !listed.has(name) && !isIgnored(name));
  if (unlisted !== undefined && config.unlisted !== 'ignore') {
    throw new UserError(
      place,
      `the config does not list its column "${unlisted}"`,
      'add it to collect.source.columns (role "ignore" leaves it out), or set collect.source.unlisted to "ignore"',
    );
  }
  const kept = keptColumns(config).map(({ name }) => {
    const index = placeOf.get(name);
    if (index !== undefined) return index;
    throw new UserError(
      place,
      `it has no column "${name}"`,
      `correct collect.source.columns, or leave it out (collect.source.ignore); it has ${names.join(', ')}`,
    );
  });
  if (label && !header && !placeOf.has(label.column)) {
    throw new UserError(
      'collect.source.label.column',
      `collect.source.columns has no "${label.column}"`,
      'list it there, with role "ignore": a table without a header has its columns in that order',
    );
  }
  return {
    cells: names.length,
    kept,
    label: label && placeOf.get(label.column),
    attack: label?.attackColumn === undefined ? undefined : placeOf.get(label.attackColumn),
  };
}
