import { type TableColumnConfig, type TableSourceConfig, UserError } from '@edgeguard/contracts';
import { ColumnProfile } from './column-profile.ts';
import { distinctNames, ignoredByPattern } from './column-names.ts';
import { openTable } from './open-table.ts';
import type { ReadTablesOptions, TableFile } from './read-tables.ts';

/** A table's config with every column declared. */
export interface InferredTable {
  readonly config: TableSourceConfig;
  /** What was decided about columns, for people. */
  readonly notes: readonly string[];
}

/**
 * Declares the columns that a config does not: looks through the files once, in bounded memory. A number column is a
 * `flag` (nothing but 0 and 1), a `count` (whole numbers), or a `ratio`: linear where it is negative or within 0..1, else
 * logarithmic. Text of few values is a `category`. An index and text of many values are left out. How large values are is
 * taken from normal rows; other rows only say whether a cell is a number. A config that declares all is returned as it is.
 *
 * @throws UserError for a file that cannot be read, or a pattern of `ignore` that matches no column
 */
export async function inferColumns(
  config: TableSourceConfig,
  files: readonly TableFile[],
  { signal }: ReadTablesOptions,
): Promise<InferredTable> {
  const isIgnored = ignoredByPattern(config);
  const declared = new Map(config.columns.map((column) => [column.name, column]));
  const profiles = new Map<string, ColumnProfile>();
  const met = new Set<string>();
  const isOpen = (name: string): boolean => {
    const column = declared.get(name);
    if (name === config.label?.column || name === config.label?.attackColumn || isIgnored(name)) return false;
    return column ? column.role === 'feature' && column.kind === undefined : config.unlisted === 'infer';
  };
  for (const file of files) await profileFile(file);
  const unmatched = config.ignore.find((pattern) => ![...met].some(ignoredByPattern({ ignore: [pattern] })));
  if (unmatched !== undefined) {
    throw new UserError(
      'collect.source.ignore',
      `no column is named "${unmatched}"`,
      `there are ${[...met].join(', ')}`,
    );
  }
  const notes: string[] = [];
  const finish = (name: string): TableColumnConfig => {
    const { column, note } = profiles.get(name)!.finish(declared.get(name));
    if (note !== undefined) notes.push(note);
    return column;
  };
  const columns = config.columns.map((column) => {
    if (isIgnored(column.name)) return { ...column, role: 'ignore' as const };
    return profiles.has(column.name) ? finish(column.name) : column;
  });
  for (const name of met) if (profiles.has(name) && !declared.has(name)) columns.push(finish(name));
  return { config: { ...config, columns }, notes };

  async function profileFile(file: TableFile): Promise<void> {
    const normal = new Set(config.label?.normal);
    const table = await openTable(file.path, {
      ...config,
      signal,
      onBytes: () => undefined,
      onBroken: () => undefined,
    });
    try {
      const names = table.header ? distinctNames(table.header) : config.columns.map(({ name }) => name);
      const twice = table.header?.find((name, index, all) => declared.has(name) && all.indexOf(name) !== index);
      if (twice !== undefined) {
        throw new UserError(file.name, `two columns are named "${twice}"`, 'give each column a name of its own');
      }
      for (const name of names) met.add(name);
      const open = names.flatMap((name, index) => (isOpen(name) ? [{ index, profile: profileOf(name) }] : []));
      // The names are known: no row need be looked at.
      if (open.length === 0) return;
      for (const { profile } of open) profile.startFile();
      const label = config.label ? names.indexOf(config.label.column) : -1;
      const wanted = open.map(({ index }) => index);
      for await (const { cells } of table.records(label < 0 ? wanted : [...wanted, label])) {
        if (cells.length !== names.length) continue;
        const isNormal = label < 0 || normal.has(cells[label]!);
        for (const { index, profile } of open) profile.add(cells[index]!, isNormal);
      }
    } finally {
      await table.close();
    }
  }

  function profileOf(name: string): ColumnProfile {
    let profile = profiles.get(name);
    if (!profile) profiles.set(name, (profile = new ColumnProfile(name)));
    return profile;
  }
}
