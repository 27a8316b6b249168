import type { DatasetSchema } from '@edgeguard/contracts';
import { type ColumnBatch, DatasetWriter } from '@edgeguard/contracts/arrow';
import { OutputPlace } from './place.ts';
import type { RowWriter } from './row-writer.ts';

/** Rows as an Arrow IPC file, as every stage writes it. */
export class ArrowWriter implements RowWriter {
  readonly #writer: DatasetWriter;
  readonly #place: OutputPlace;

  private constructor(writer: DatasetWriter, place: OutputPlace) {
    this.#writer = writer;
    this.#place = place;
  }

  /** @param metadata further schema-level metadata */
  static async open(
    schema: DatasetSchema,
    path: string,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<ArrowWriter> {
    const place = await OutputPlace.at(path);
    return new ArrowWriter(new DatasetWriter(place.partial, schema, metadata), place);
  }

  write(batch: ColumnBatch): Promise<void> {
    return this.#writer.write(batch);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#place.commit();
  }

  async abort(): Promise<void> {
    await this.#writer.abort();
    await this.#place.discard();
  }
}
