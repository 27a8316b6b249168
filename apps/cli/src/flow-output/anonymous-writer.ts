import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import type { RowWriter } from './row-writer.ts';

/** Writes rows in which addresses and names are pseudonyms. */
export class AnonymousWriter implements RowWriter {
  readonly #writer: RowWriter;
  readonly #names: readonly string[];
  readonly #anonymiser: Anonymiser;

  /** @param names columns of addresses and names */
  constructor(writer: RowWriter, names: readonly string[], anonymiser: Anonymiser) {
    this.#writer = writer;
    this.#names = names;
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
