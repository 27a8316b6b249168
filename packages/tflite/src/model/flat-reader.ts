import { TfliteError } from '../error.ts';

/**
 * Bounded access to FlatBuffers bytes that nobody vouches for. Every offset is checked before it is followed. Offsets
 * may point at the same place twice, so a small file can describe a huge structure: `budget` counts every element that
 * is decoded and stops such a file.
 */
export class FlatReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly place: string;
  #budget: number;

  constructor(bytes: Uint8Array, place: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = place;
    // Decoded elements are at least one byte each in an honest file; sharing of vectors and strings is rare.
    this.#budget = 4 * bytes.byteLength + 65_536;
  }

  fail(problem: string): never {
    throw new TfliteError(this.place, problem);
  }

  spend(elements: number): void {
    this.#budget -= elements;
    if (this.#budget < 0) this.fail('describes more than its bytes can hold (shared or cyclic offsets)');
  }

  /** Fails unless `[position, position + length)` lies in the file. */
  check(position: number, length: number, what: string): void {
    if (position < 0 || length < 0 || position + length > this.bytes.byteLength) {
      this.fail(`${what} lies outside of the file (truncated or damaged)`);
    }
  }

  /** The root table of a file with this identifier. */
  root(identifier: string): FlatTable {
    if (this.bytes.byteLength < 8) this.fail(`has ${this.bytes.byteLength} bytes; a FlatBuffers file has at least 8`);
    let found = '';
    for (let i = 4; i < 8; i++) found += String.fromCharCode(this.bytes[i]);
    if (found !== identifier) {
      this.fail(`does not carry the file identifier ${identifier} at byte 4`);
    }
    return this.table(this.view.getUint32(0, true), 'root table');
  }

  table(position: number, what: string): FlatTable {
    this.spend(1);
    this.check(position, 4, what);
    const vtable = position - this.view.getInt32(position, true);
    this.check(vtable, 4, `vtable of ${what}`);
    const vtableBytes = this.view.getUint16(vtable, true);
    const tableBytes = this.view.getUint16(vtable + 2, true);
    if (vtableBytes < 4 || vtableBytes % 2 !== 0) this.fail(`vtable of ${what} has an impossible size`);
    this.check(vtable, vtableBytes, `vtable of ${what}`);
    this.check(position, tableBytes, what);
    return new FlatTable(this, position, vtable, vtableBytes, tableBytes, what);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: false });

/** One table of a FlatBuffers file. Slots are those of the schema. */
export class FlatTable {
  readonly reader: FlatReader;
  readonly what: string;
  readonly #position: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #tableBytes: number;

  constructor(
    reader: FlatReader,
    position: number,
    vtable: number,
    vtableBytes: number,
    tableBytes: number,
    what: string,
  ) {
    this.reader = reader;
    this.what = what;
    this.#position = position;
    this.#vtable = vtable;
    this.#vtableBytes = vtableBytes;
    this.#tableBytes = tableBytes;
  }

  /** Position of a field of `size` bytes, or 0 where it is absent and has its default. */
  #field(slot: number, size: number): number {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.#vtableBytes) return 0;
    const offset = this.reader.view.getUint16(this.#vtable + entry, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + size > this.#tableBytes) {
      this.reader.fail(`field ${slot} of ${this.what} lies outside of its table`);
    }
    return this.#position + offset;
  }

  int8(slot: number, fallback: number): number {
    const at = this.#field(slot, 1);
    return at === 0 ? fallback : this.reader.view.getInt8(at);
  }

  uint8(slot: number, fallback: number): number {
    const at = this.#field(slot, 1);
    return at === 0 ? fallback : this.reader.view.getUint8(at);
  }

  bool(slot: number, fallback: boolean): boolean {
    return this.uint8(slot, fallback ? 1 : 0) !== 0;
  }

  int32(slot: number, fallback: number): number {
    const at = this.#field(slot, 4);
    return at === 0 ? fallback : this.reader.view.getInt32(at, true);
  }

  uint32(slot: number, fallback: number): number {
    const at = this.#field(slot, 4);
    return at === 0 ? fallback : this.reader.view.getUint32(at, true);
  }

  uint64(slot: number, fallback: bigint): bigint {
    const at = this.#field(slot, 8);
    return at === 0 ? fallback : this.reader.view.getBigUint64(at, true);
  }

  float32(slot: number, fallback: number): number {
    const at = this.#field(slot, 4);
    return at === 0 ? fallback : this.reader.view.getFloat32(at, true);
  }

  has(slot: number): boolean {
    return this.#field(slot, 1) !== 0;
  }

  table(slot: number, what: string): FlatTable | undefined {
    const at = this.#field(slot, 4);
    return at === 0 ? undefined : this.reader.table(at + this.reader.view.getUint32(at, true), what);
  }

  /** Start and length of a vector with elements of `size` bytes, or undefined where it is absent. */
  #vector(slot: number, size: number): { start: number; length: number } | undefined {
    const at = this.#field(slot, 4);
    if (at === 0) return undefined;
    const { reader } = this;
    const what = `vector ${slot} of ${this.what}`;
    const position = at + reader.view.getUint32(at, true);
    reader.check(position, 4, what);
    const length = reader.view.getUint32(position, true);
    reader.check(position + 4, length * size, what);
    return { start: position + 4, length };
  }

  string(slot: number): string {
    const vector = this.#vector(slot, 1);
    if (vector === undefined) return '';
    this.reader.spend(vector.length);
    return utf8.decode(this.reader.bytes.subarray(vector.start, vector.start + vector.length));
  }

  /** The bytes of a byte vector, as a view of the file. */
  byteVector(slot: number): Uint8Array | undefined {
    const vector = this.#vector(slot, 1);
    if (vector === undefined) return undefined;
    return this.reader.bytes.subarray(vector.start, vector.start + vector.length);
  }

  int32Vector(slot: number): number[] | undefined {
    const vector = this.#vector(slot, 4);
    if (vector === undefined) return undefined;
    this.reader.spend(vector.length);
    const values = Array.from<number>({ length: vector.length });
    for (let i = 0; i < vector.length; i++) values[i] = this.reader.view.getInt32(vector.start + 4 * i, true);
    return values;
  }

  float32Vector(slot: number): number[] | undefined {
    const vector = this.#vector(slot, 4);
    if (vector === undefined) return undefined;
    this.reader.spend(vector.length);
    const values = Array.from<number>({ length: vector.length });
    for (let i = 0; i < vector.length; i++) values[i] = this.reader.view.getFloat32(vector.start + 4 * i, true);
    return values;
  }

  int64Vector(slot: number): bigint[] | undefined {
    const vector = this.#vector(slot, 8);
    if (vector === undefined) return undefined;
    this.reader.spend(vector.length);
    const values = Array.from<bigint>({ length: vector.length });
    for (let i = 0; i < vector.length; i++) values[i] = this.reader.view.getBigInt64(vector.start + 8 * i, true);
    return values;
  }

  /** The tables of a vector of tables; `what` names their kind in errors. */
  tables(slot: number, what: string): FlatTable[] {
    const vector = this.#vector(slot, 4);
    if (vector === undefined) return [];
    const tables: FlatTable[] = [];
    for (let i = 0; i < vector.length; i++) {
      const at = vector.start + 4 * i;
      tables.push(this.reader.table(at + this.reader.view.getUint32(at, true), `${what} ${i}`));
    }
    return tables;
  }
}
