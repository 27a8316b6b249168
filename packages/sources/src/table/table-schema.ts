import type {
  Column,
  ColumnKind,
  DatasetSchema,
  FeatureColumn,
  TableColumnConfig,
  TableSourceConfig,
} from '@edgeguard/contracts';

/** Names of the columns that reading adds. */
const ADDED_COLUMNS: readonly Column[] = [
  { name: 'file', role: 'split', type: 'utf8' },
  { name: 'label', role: 'label', type: 'utf8' },
  { name: 'attack', role: 'label', type: 'utf8' },
];

const UNITS: Readonly<Partial<Record<ColumnKind, string>>> = { bytes: 'By', seconds: 's' };

/** The columns of a table that are kept: all but the ignored ones and those that only say what a row is. */
export function keptColumns({ columns, label }: TableSourceConfig): TableColumnConfig[] {
  return columns.filter(
    ({ name, role }) => role !== 'ignore' && name !== label?.column && name !== label?.attackColumn,
  );
}

/** The dataset that a table gives: its kept columns in the config's order, then `file`, `label` and `attack`. */
export function tableSchema(config: TableSourceConfig): DatasetSchema {
  return { name: 'table', version: 1, columns: [...keptColumns(config).map(columnOf), ...ADDED_COLUMNS] };
}

function columnOf({ name, role, kind, unit, logScale, description }: TableColumnConfig): Column | FeatureColumn {
  if (role === 'time') return { name, role, type: 'timestamp' };
  if (role !== 'feature' || kind === undefined) return { name, role: 'identity', type: 'utf8' };
  return {
    name,
    role,
    kind,
    type: kind === 'category' ? 'utf8' : 'float32',
    unit: unit ?? UNITS[kind] ?? '1',
    ...(logScale === undefined ? {} : { logScale }),
    ...(description === undefined ? {} : { description }),
  };
}
