// The decoder behind it writes as many values as a run says, however few the page has. These checks come first.
import type { DecodedArray, PageHeader } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { ParquetDamage } from './damage.ts';
import type { FlatColumn } from './flat-column.ts';

/** Writers pad the last packed run of a page. */
const MOST_PADDING = 512;
const WIDEST_INDEX = 32;

/** What a data page says about its values. */
export interface PageFacts {
  readonly values: number;
  readonly encoding: string;
  /** Bytes of the definition levels where the header says so (version 2 of data pages). */
  readonly levelBytes: number | undefined;
}

/**
 * What the header of a data page says.
 *
 * @throws ParquetDamage for a page that contradicts itself
 */
export function factsOf(header: PageHeader): PageFacts {
  const v1 = header.data_page_header;
  const v2 = header.data_page_header_v2;
  if (header.type === 'DATA_PAGE' && v1) {
    return { values: v1.num_values, encoding: v1.encoding, levelBytes: undefined };
  }
  if (header.type === 'DATA_PAGE_V2' && v2) {
    const { num_values: values, num_nulls: nulls, num_rows: rows, repetition_levels_byte_length: repetition } = v2;
    const levelBytes = v2.definition_levels_byte_length;
    if (!(nulls >= 0 && nulls <= values && rows === values && repetition === 0 && levelBytes >= 0)) {
      throw new ParquetDamage('a page contradicts itself');
    }
    return { values, encoding: v2.encoding, levelBytes };
  }
  throw new ParquetDamage('a page is of an unknown type');
}

/**
 * Checks the levels and values of an unpacked page as far as the decoder trusts them.
 *
 * @param most bytes that strings may take which share their beginnings
 * @throws ParquetDamage
 */
export function checkPage(page: Uint8Array, facts: PageFacts, column: FlatColumn, most: number): void {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let offset = 0;
  if (column.optional) {
    if (facts.levelBytes === undefined) offset = checkPrefixedRuns(view, 0, facts.values);
    else checkRuns(view, 0, (offset = facts.levelBytes), 1, facts.values);
  } else offset = facts.levelBytes ?? 0;
  switch (facts.encoding) {
    case 'RLE':
      if (column.element.type !== 'BOOLEAN') throw new ParquetDamage('a page has an encoding that does not fit');
      checkPrefixedRuns(view, offset, facts.values);
      return;
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      // A page of nothing but missing values may be without indices.
      if (offset >= page.length) return;
      const width = view.getUint8(offset);
      if (width > WIDEST_INDEX) throw new ParquetDamage('a page has indices that are too wide');
      checkRuns(view, offset + 1, page.length, width, facts.values);
      return;
    }
    case 'DELTA_BYTE_ARRAY': {
      const shared = new Int32Array(facts.values);
      if (facts.values > 0) deltaBinaryUnpack({ view, offset }, facts.values, shared);
      let total = 0;
      for (const length of shared) total += length;
      if (!(total >= 0 && total <= most)) throw new ParquetDamage('the strings of a page take too much memory');
    }
  }
}

/** Checks values against the dictionary that they come from: an index beyond it gives nothing. */
export function checkValues(values: DecodedArray, expected: number): void {
  if (values.length < expected) throw new ParquetDamage('a page has fewer values than it says');
  if (Array.isArray(values) && values.includes(undefined)) {
    throw new ParquetDamage('a page names a value that its dictionary lacks');
  }
}

/** Runs of one bit behind their length. Returns where they end. */
function checkPrefixedRuns(view: DataView, offset: number, count: number): number {
  const end = offset + 4 + (offset + 4 <= view.byteLength ? view.getUint32(offset, true) : view.byteLength);
  checkRuns(view, offset + 4, end, 1, count);
  return end;
}

/** Checks that no run of the hybrid of run lengths and packed bits is longer than the page. */
function checkRuns(view: DataView, begin: number, end: number, width: number, count: number): void {
  if (end > view.byteLength) throw new ParquetDamage('a page ends early');
  let offset = begin;
  for (let seen = 0; seen < count && offset < end;) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (offset >= end || shift > 28) throw new ParquetDamage('a page ends early');
      const byte = view.getUint8(offset++);
      head += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const packed = head % 2 === 1;
    const run = packed ? 8 * ((head - 1) / 2) : head / 2;
    if (run > count - seen + (packed ? MOST_PADDING : 0) || (packed && run === 0)) {
      throw new ParquetDamage('a page has more values than it says');
    }
    offset += packed ? (run / 8) * width : (width + 7) >> 3;
    seen += run;
  }
}
