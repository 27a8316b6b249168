import type { DatasetSchema } from '../schema/dataset-schema.ts';

/** Columns that say when and between whom a row happened. */
export interface ContextColumns {
  readonly time: string | undefined;
  /** Who acts and who is acted upon: the first two identities that are text. */
  readonly ends: readonly [source: string, target: string] | undefined;
}

/** Finds the columns by their roles. */
export function contextColumns({ columns }: DatasetSchema): ContextColumns {
  const [source, target] = columns.filter(({ role, type }) => role === 'identity' && type === 'utf8');
  return {
    time: columns.find(({ role, type }) => role === 'time' && type === 'timestamp')?.name,
    ends: source && target ? [source.name, target.name] : undefined,
  };
}
