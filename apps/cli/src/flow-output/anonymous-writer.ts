import type { DatasetSchema } from '@edgeguard/contracts';
import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import type { RowWriter } from './row-writer.ts';

/** Writes rows whose identities that are text (addresses, names) are pseudonyms. */
export class AnonymousWriter implements RowWriter {
  readonly #writer: RowWriter;
  readonly #names: readonly string[];
  readonly #anonymiser: Anonymiser;

  constructor(writer: RowWriter, schema: DatasetSchema, anonymiser: Anonymiser) {
    this.#writer = writer;
    this.#names = schema.columns
      .filter(({ role, type }) => role === 'identity' && type === 'utf8')
      .map(({ name }) => name);
    this.#anonymiser = anonymiser;
  }

  write({ length, columns }: ColumnBatch): Promise<void> {
    const replaced = this.#names.map((name): [string, string[]] => {
      const values = columns[name] as readonly string[];
      return [name, Array.from({ length }, (_, row) => this.#anonymiser.identity(values[row]!))];
    });
    return this.#writer.write({ length, columns: { ...columns, ...Object.fromEntries(replaced) } });
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  abort(): Promise<void> {
    return this.#writer.abort();
  }
}
