// The decoder behind it trusts lengths: it would allocate what a list says, and follow a number without end.
import { ParquetDamage } from './damage.ts';

const DEEPEST = 32;
const LONGEST_VARINT = 10;

/** The struct goes on beyond the bytes at hand. */
export class ThriftCut extends ParquetDamage {}

/**
 * Length in bytes of the struct of Thrift's compact protocol that begins at `offset`, every length in it checked.
 *
 * @throws ThriftCut when the bytes end within it, ParquetDamage when it is none
 */
export function thriftLength(bytes: Uint8Array, offset: number): number {
  const walk = new ThriftWalk(bytes, offset);
  walk.struct(0);
  return walk.offset - offset;
}

class ThriftWalk {
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  struct(depth: number): void {
    if (depth > DEEPEST) throw new ParquetDamage('its metadata is nested too deeply');
    for (;;) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === 0) return;
      if (head >> 4 === 0) this.#varint();
      // A boolean field is told by its type alone.
      if (type > 2) this.#value(type, depth);
    }
  }

  #value(type: number, depth: number): void {
    switch (type) {
      case 1:
      case 2:
      case 3:
        this.#skip(1);
        return;
      case 4:
      case 5:
      case 6:
        this.#varint();
        return;
      case 7:
        this.#skip(8);
        return;
      case 8:
        this.#skip(this.#varint());
        return;
      case 9:
        this.#list(depth);
        return;
      case 12:
        this.struct(depth + 1);
        return;
      default:
        throw new ParquetDamage('its metadata is damaged');
    }
  }

  #list(depth: number): void {
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    // Every element takes a byte at least.
    if (size > this.#bytes.length - this.offset) throw new ThriftCut('it ends early');
    for (let i = 0; i < size; i++) this.#value(head & 0x0f, depth + 1);
  }

  #varint(): number {
    let value = 0;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new ParquetDamage('its metadata is damaged');
  }

  #byte(): number {
    this.#skip(1);
    return this.#bytes[this.offset - 1]!;
  }

  #skip(length: number): void {
    this.offset += length;
    if (this.offset > this.#bytes.length) throw new ThriftCut('it ends early');
  }
}
