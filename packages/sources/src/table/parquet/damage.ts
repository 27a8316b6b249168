/** Bytes that are no Parquet, or more of it than is taken. The message completes "FILE: …". */
export class ParquetDamage extends Error {}
