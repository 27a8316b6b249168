/**
 * Checks Arrow's metadata before Arrow's reader trusts it. That reader follows any offset and loops over any vector
 * length that a file states: one changed byte can make it allocate without end. The metadata are flatbuffers; a table
 * is an offset to a vtable, and the vtable gives the place of each field (https://flatbuffers.dev/internals). The
 * tables are those of Arrow's format: Schema.fbs, Message.fbs and File.fbs (https://arrow.apache.org/docs/format).
 */

/** What a field of a table refers to; scalars are not listed. */
type Field =
  | 'string'
  | { readonly structs: number }
  | { readonly tables: () => Table }
  | { readonly table: () => Table };

/** Fields by slot. */
type Table = Readonly<Record<number, Field>>;

const KEY_VALUE: Table = { 0: 'string', 1: 'string' };
const KEY_VALUES: Field = { tables: () => KEY_VALUE };
/** A type: of those with references, Timestamp has its time zone and Union its type ids in slot 1. Both are vectors. */
const TYPE: Table = { 1: 'string' };
const SCALARS: Table = {};
const DICTIONARY: Table = { 1: { table: () => SCALARS } };
const FIELD: Table = {
  0: 'string',
  4: { table: () => DICTIONARY },
  5: { tables: () => FIELD },
  6: KEY_VALUES,
};
const SCHEMA: Table = { 1: { tables: () => FIELD }, 2: KEY_VALUES, 3: { structs: 8 } };
const BLOCK_BYTES = 24;
const FOOTER: Table = {
  1: { table: () => SCHEMA },
  2: { structs: BLOCK_BYTES },
  3: { structs: BLOCK_BYTES },
  4: KEY_VALUES,
};
const RECORD_BATCH: Table = {
  1: { structs: 16 },
  2: { structs: 16 },
  3: { table: () => SCALARS },
  4: { structs: 8 },
};
const MESSAGE: Table = { 4: KEY_VALUES };

/** Slots of Field and Message that need more than the list above. */
const FIELD_TYPE_TAG = 2;
const FIELD_TYPE = 3;
const TIMESTAMP_TAG = 10;
const MESSAGE_HEADER_TAG = 1;
const MESSAGE_HEADER = 2;
const RECORD_BATCH_TAG = 3;

/** Where a record batch lies in the file. */
export interface BatchBlock {
  readonly offset: number;
  readonly metadataLength: number;
}

/** Checks a file's footer and returns the blocks of its record batches. Throws an Error that says what is wrong. */
export function verifyFooter(bytes: Uint8Array): BatchBlock[] {
  const verifier = new Verifier(bytes);
  const root = verifier.root(FOOTER);
  if (verifier.vectorLength(root, 2) > 0) throw new Error('it has dictionaries, which EdgeGuard does not write');
  return verifier.blocks(root, 3);
}

/** Checks the metadata of a record batch. */
export function verifyRecordBatch(bytes: Uint8Array): void {
  const verifier = new Verifier(bytes);
  const root = verifier.root(MESSAGE);
  if (verifier.byte(root, MESSAGE_HEADER_TAG) !== RECORD_BATCH_TAG) throw new Error('a block is no record batch');
  const header = verifier.reference(root, MESSAGE_HEADER);
  if (header === undefined) throw new Error('a record batch has no header');
  verifier.table(header, RECORD_BATCH);
}

class Verifier {
  readonly #view: DataView;
  /** Tables share parts, so a small file can state a huge tree: the number of visits is bounded by its size. */
  #visitsLeft: number;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#visitsLeft = bytes.byteLength;
  }

  root(shape: Table): number {
    const at = this.#target(0);
    this.table(at, shape);
    return at;
  }

  table(at: number, shape: Table): void {
    if (--this.#visitsLeft < 0) throw new Error('its metadata go in circles');
    const vtable = at - this.#view.getInt32(this.#inside(at, 4), true);
    const size = this.#view.getUint16(this.#inside(vtable, 4), true);
    const tableSize = this.#view.getUint16(vtable + 2, true);
    this.#inside(vtable, size);
    this.#inside(at, tableSize);
    for (let slot = 0; 4 + 2 * slot + 2 <= size; slot++) {
      if (this.#view.getUint16(vtable + 4 + 2 * slot, true) >= tableSize) throw new Error('a field lies outside');
    }
    for (const [slot, field] of Object.entries(shape)) this.#field(at, Number(slot), field);
    if (shape === FIELD) this.#fieldType(at);
  }

  byte(table: number, slot: number): number {
    const at = this.#fieldAt(table, slot);
    return at === undefined ? 0 : this.#view.getUint8(this.#inside(at, 1));
  }

  /** Place of what a field refers to. */
  reference(table: number, slot: number): number | undefined {
    const at = this.#fieldAt(table, slot);
    return at === undefined ? undefined : this.#target(at);
  }

  vectorLength(table: number, slot: number): number {
    const at = this.reference(table, slot);
    return at === undefined ? 0 : this.#view.getUint32(at, true);
  }

  blocks(table: number, slot: number): BatchBlock[] {
    const at = this.reference(table, slot);
    if (at === undefined) return [];
    return Array.from({ length: this.#view.getUint32(at, true) }, (_, index) => {
      const block = at + 4 + index * BLOCK_BYTES;
      return {
        offset: Number(this.#view.getBigInt64(block, true)),
        metadataLength: this.#view.getInt32(block + 8, true),
      };
    });
  }

  #field(table: number, slot: number, field: Field): void {
    const at = this.reference(table, slot);
    if (at === undefined) return;
    if (field === 'string') this.#vector(at, 1);
    else if ('structs' in field) this.#vector(at, field.structs);
    else if ('table' in field) this.table(at, field.table());
    else {
      const length = this.#vector(at, 4);
      for (let i = 0; i < length; i++) this.table(this.#target(at + 4 + 4 * i), field.tables());
    }
  }

  #fieldType(field: number): void {
    const at = this.reference(field, FIELD_TYPE);
    if (at !== undefined) this.table(at, this.byte(field, FIELD_TYPE_TAG) === TIMESTAMP_TAG ? TYPE : SCALARS);
  }

  #vector(at: number, elementBytes: number): number {
    const length = this.#view.getUint32(this.#inside(at, 4), true);
    this.#inside(at + 4, length * elementBytes);
    return length;
  }

  #fieldAt(table: number, slot: number): number | undefined {
    const vtable = table - this.#view.getInt32(table, true);
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.#view.getUint16(vtable, true)) return undefined;
    const offset = this.#view.getUint16(vtable + entry, true);
    return offset === 0 ? undefined : table + offset;
  }

  #target(at: number): number {
    const target = at + this.#view.getUint32(this.#inside(at, 4), true);
    return this.#inside(target, 4);
  }

  #inside(at: number, length: number): number {
    if (at < 0 || at + length > this.#view.byteLength) throw new Error('its metadata point outside');
    return at;
  }
}
