export { ROWS_PER_BATCH } from './arrow-schema.ts';
export { allocateColumn, type ColumnBatch, type ColumnValues } from './column-batch.ts';
export { DatasetBatch, DatasetReader } from './dataset-reader.ts';
export { DatasetWriter } from './dataset-writer.ts';
export { contextColumns, type ContextColumns } from './row-context.ts';
export { type NumberTable, readNumberTable } from './number-table.ts';
