import { z } from 'zod';
import { COLUMN_KINDS } from '../schema/column.ts';

/** How a column of times is written. All are UTC; `iso8601` without a zone is taken as UTC. */
export const TIME_FORMATS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'iso8601'] as const;

const TableColumnSchema = z.strictObject({
  name: z.string().min(1),
  /** `feature` is a model input; `identity` is kept for people; `time` is the instant of the row; `ignore` is left out. */
  role: z.enum(['feature', 'identity', 'time', 'ignore']).default('feature'),
  /** What kind of quantity a feature is. A feature without one gets it, and what else it lacks, from its values. */
  kind: z.enum(COLUMN_KINDS).optional(),
  /** UCUM unit of a feature; by default that of its kind: `By`, `s`, else `1`. */
  unit: z.string().optional(),
  /** For features that scale as log1p(x / s): the s, in the feature's unit. */
  logScale: z.number().positive().optional(),
  description: z.string().optional(),
  /** How a time is written as a number. ISO 8601 and Parquet's timestamps are understood whatever it says. */
  format: z.enum(TIME_FORMATS).default('seconds'),
  /**
   * What an empty cell means; without it a row with an empty number is malformed. As a number it also stands for what
   * tables write where there is none: `-`, `?`, `NA`, `null`, `NaN`, infinity.
   */
  empty: z.union([z.number(), z.string()]).optional(),
});
export type TableColumnConfig = z.output<typeof TableColumnSchema>;

/** Which cells say what a row is. */
const TableLabelSchema = z.strictObject({
  /** The column that holds the label. A file without this column holds normal rows only. */
  column: z.string(),
  /** Labels of normal rows; every other label is an attack. */
  normal: z.array(z.string()).min(1),
  /** Labels of rows that nobody knows. */
  unknown: z.array(z.string()).default([]),
  /** The column that names the attack; by default the label does. */
  attackColumn: z.string().optional(),
});

/** Tables of rows: text with one row a line and delimited cells (RFC 4180), plain or gzip; or Parquet, told by its first bytes. */
export const TableSourceSchema = z
  .strictObject({
    kind: z.literal('table'),
    /** Files or glob patterns. Relative paths start at `root`. Their rows follow one another. */
    paths: z.array(z.string()).min(1),
    /** `pipeline`: the folder of the config. `data`: the folder that EDGEGUARD_DATA names. */
    root: z.enum(['pipeline', 'data']).default('pipeline'),
    delimiter: z.string().min(1).max(4).default(','),
    /** Whether the first line of each text file names the columns. Without, `columns` names them all, in order. */
    header: z.boolean().default(true),
    columns: z.array(TableColumnSchema).default([]),
    /** Columns to leave out, by name; `*` stands for any text. */
    ignore: z.array(z.string().min(1)).default([]),
    /** Columns of a header that nothing else names: features whose kinds are told by their values, an error, or left out. */
    unlisted: z.enum(['infer', 'refuse', 'ignore']).default('infer'),
    /** Without, every row is normal. */
    label: TableLabelSchema.optional(),
    /** Malformed rows are left out and counted; more than so many, and the table is refused. */
    maxMalformed: z.int().nonnegative().default(1000),
  })
  .refine((source) => source.header || source.columns.length > 0, {
    path: ['columns'],
    message: 'a table without a header needs them all, in order',
  });
export type TableSourceConfig = z.output<typeof TableSourceSchema>;
