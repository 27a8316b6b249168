import type { FileHandle } from 'node:fs/promises';
import type { ColumnMetaData, DecodedArray, PageHeader } from 'hyparquet';
import { compressors, decompressZstd } from 'hyparquet-compressors';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { ByteWindow } from './byte-window.ts';
import { TEXT_PARSERS } from './cell-text.ts';
import { checkPage, checkValues, factsOf } from './check-page.ts';
import { ParquetDamage } from './damage.ts';
import type { FlatColumn } from './flat-column.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { ThriftCut, thriftLength } from './thrift-length.ts';

const SHORT_HEADER = 4096;
const LONGEST_HEADER = 1 << 24;

const COMPRESSORS = {
  ...compressors,
  // Into memory of the size that the page states: otherwise a small page could unpack without end.
  ZSTD: (input: Uint8Array, length: number) => decompressZstd(input, new Uint8Array(length)),
};

/** The values of one column of one row group, page by page. */
export class ColumnPages {
  readonly #column: FlatColumn;
  readonly #chunk: ColumnMetaData;
  readonly #bytes: ByteWindow;
  readonly #budget: MemoryBudget;
  #held = 0;
  #dictionaryHeld = 0;
  #dictionary: DecodedArray | undefined;

  /** @throws ParquetDamage for a chunk that lies outside the file */
  constructor(
    file: FileHandle,
    size: number,
    column: FlatColumn,
    chunk: ColumnMetaData,
    budget: MemoryBudget,
    onBytes: (bytes: number) => void,
  ) {
    // Some writers give 0 where there is no dictionary.
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const end = start + Number(chunk.total_compressed_size);
    if (!(start >= 4 && end >= start && end <= size) || chunk.type !== column.element.type) {
      throw new ParquetDamage(`its column "${column.name}" is not where the file says`);
    }
    this.#column = column;
    this.#chunk = chunk;
    this.#budget = budget;
    this.#bytes = new ByteWindow(file, start, end, onBytes);
  }

  /**
   * The values of the next page with values.
   *
   * @param rows rows of the row group that are left
   * @throws ParquetDamage
   */
  async next(rows: number): Promise<DecodedArray> {
    this.#budget.free(this.#held);
    this.#held = 0;
    for (;;) {
      const header = await this.#header();
      const page = await this.#unpacked(header);
      if (header.type === 'DICTIONARY_PAGE') this.#readDictionary(header, page);
      else if (header.type !== 'INDEX_PAGE') {
        const values = this.#readData(header, page, rows);
        if (values.length > 0) return values;
      }
    }
  }

  /** Gives back the memory that its pages took. */
  close(): void {
    this.#budget.free(this.#held + this.#dictionaryHeld);
    this.#held = 0;
    this.#dictionaryHeld = 0;
  }

  async #header(): Promise<PageHeader> {
    if (this.#bytes.remaining <= 0) throw new ParquetDamage(`its column "${this.#column.name}" has too few values`);
    for (let length = SHORT_HEADER; ; length *= 8) {
      const bytes = await this.#bytes.peek(length);
      try {
        const used = thriftLength(bytes, 0);
        const header = parquetHeader({ view: new DataView(bytes.buffer, bytes.byteOffset, used), offset: 0 });
        await this.#bytes.take(used);
        return header;
      } catch (error) {
        if (!(error instanceof ThriftCut) || bytes.length < length || length >= LONGEST_HEADER) throw error;
      }
    }
  }

  /** The page without compression; in version 2 the levels before the values never are compressed. */
  async #unpacked(header: PageHeader): Promise<Uint8Array> {
    const { compressed_page_size: packed, uncompressed_page_size: plain } = header;
    if (!(packed >= 0 && plain >= 0)) throw new ParquetDamage('a page has no size');
    this.#budget.assertFree(packed + plain);
    const bytes = await this.#bytes.take(packed);
    const v2 = header.data_page_header_v2;
    if (v2?.is_compressed === false) return bytes;
    const levels = v2 ? v2.definition_levels_byte_length + v2.repetition_levels_byte_length : 0;
    if (!(levels >= 0 && levels <= packed && levels <= plain)) throw new ParquetDamage('a page contradicts itself');
    // Nothing but missing values: what a codec makes of no bytes is not unpacked by every one.
    if (levels === plain) return bytes.subarray(0, levels);
    const body = decompressPage(bytes.subarray(levels), plain - levels, this.#chunk.codec, COMPRESSORS);
    if (levels === 0) return body;
    const page = new Uint8Array(plain);
    page.set(bytes.subarray(0, levels));
    page.set(body, levels);
    return page;
  }

  #readDictionary(header: PageHeader, page: Uint8Array): void {
    const count = header.dictionary_page_header?.num_values ?? -1;
    if (!(count >= 0 && count <= 8 * page.length + 1)) throw new ParquetDamage('a dictionary contradicts itself');
    this.#budget.free(this.#dictionaryHeld);
    this.#dictionaryHeld = this.#budget.take(8 * count + page.length);
    this.#dictionary = convert(this.#decode(header, page), this.#decoder());
  }

  #readData(header: PageHeader, page: Uint8Array, rows: number): DecodedArray {
    const facts = factsOf(header);
    if (!(facts.values >= 0 && facts.values <= rows))
      throw new ParquetDamage('a page has more rows than its row group');
    this.#held = this.#budget.take(8 * facts.values + page.length);
    checkPage(page, facts, this.#column, this.#budget.left);
    if (facts.values === 0) return [];
    if (facts.encoding.endsWith('_DICTIONARY') && !this.#dictionary) throw new ParquetDamage('a dictionary is missing');
    const values = this.#decode(header, page);
    checkValues(values, facts.values);
    return values;
  }

  #decode(header: PageHeader, page: Uint8Array): DecodedArray {
    const v2 = header.data_page_header_v2;
    const plain: PageHeader = {
      ...header,
      compressed_page_size: page.length,
      uncompressed_page_size: page.length,
      ...(v2 ? { data_page_header_v2: { ...v2, is_compressed: false } } : {}),
    };
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    return readPage({ view, offset: 0 }, plain, this.#decoder(), this.#dictionary, undefined, 0).data ?? [];
  }

  #decoder() {
    const { element, schemaPath, name } = this.#column;
    return {
      pathInSchema: [name],
      type: this.#chunk.type,
      element,
      schemaPath,
      codec: 'UNCOMPRESSED' as const,
      parsers: { ...DEFAULT_PARSERS, ...TEXT_PARSERS },
    };
  }
}
