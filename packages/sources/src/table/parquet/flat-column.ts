import type { ColumnMetaData, FileMetaData, SchemaElement } from 'hyparquet';
import { parquetSchema } from 'hyparquet';
import type { SchemaTree } from 'hyparquet';
import { ParquetDamage } from './damage.ts';

/** A column of the file, as far as it is not nested. */
export interface FlatColumn {
  readonly name: string;
  readonly element: SchemaElement;
  /** Whether values may be missing. */
  readonly optional: boolean;
  /** The root of the schema and the column. */
  readonly schemaPath: SchemaTree[];
}

/** The top level of a file's schema: a column, or the name of one that cannot be read as cells and why. */
export type TopLevelColumn = FlatColumn | { readonly name: string; readonly refused: string };

const UNREADABLE: ReadonlySet<string | undefined> = new Set(['BSON', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY', 'INTERVAL']);

/** The columns of a file in order. */
export function topLevelColumns(metadata: FileMetaData): TopLevelColumn[] {
  const root = parquetSchema(metadata);
  return root.children.map((tree): TopLevelColumn => {
    const { element } = tree;
    const { name } = element;
    if (tree.children.length > 0 || element.num_children || element.repetition_type === 'REPEATED') {
      return { name, refused: 'is nested' };
    }
    const meaning = element.logical_type?.type ?? element.converted_type;
    const isBytes = element.type === 'FIXED_LEN_BYTE_ARRAY' && meaning === undefined;
    if (isBytes || UNREADABLE.has(meaning)) {
      return { name, refused: `holds ${meaning === undefined ? 'bytes' : `values of type ${meaning}`}` };
    }
    return { name, element, optional: element.repetition_type === 'OPTIONAL', schemaPath: [root, tree] };
  });
}

/**
 * Where a column's bytes are in each row group: by the path that the chunk names, whatever their order.
 *
 * @throws ParquetDamage when a row group lacks it
 */
export function chunkOf(metadata: FileMetaData, group: number, name: string): ColumnMetaData {
  const chunk = metadata.row_groups[group]!.columns.find(({ meta_data }) => {
    const path = meta_data?.path_in_schema;
    return path?.length === 1 && path[0] === name;
  });
  if (!chunk?.meta_data) throw new ParquetDamage(`its column "${name}" is encrypted or missing`);
  if (chunk.file_path) throw new ParquetDamage(`its column "${name}" is in another file`);
  return chunk.meta_data;
}
