/** Builds NetFlow and IPFIX messages for tests, byte by byte as the RFCs draw them. */
export class Message {
  readonly #bytes: number[] = [];

  u8(...values: number[]): this {
    this.#bytes.push(...values.map((value) => value & 0xff));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.u8(value >> 8, value);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.u16(Math.floor(value / 65_536), value & 0xffff);
    return this;
  }

  raw(...parts: ArrayLike<number>[]): this {
    for (const part of parts) this.#bytes.push(...Array.from(part));
    return this;
  }

  build(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** A set: identifier, length, content. */
export function set(id: number, content: Message): Uint8Array {
  const bytes = content.build();
  return new Message()
    .u16(id, bytes.length + 4)
    .raw(bytes)
    .build();
}

/** A version 9 message at 1,700,000,000 s, 100 s after the exporter was started. */
export function v9(sequence: number, ...sets: Uint8Array[]): Uint8Array {
  return new Message()
    .u16(9, sets.length)
    .u32(100_000, 1_700_000_000, sequence, 7)
    .raw(...sets)
    .build();
}

/** An IPFIX message at 1,700,000,000 s. */
export function ipfix(sequence: number, ...sets: Uint8Array[]): Uint8Array {
  const length = 16 + sets.reduce((sum, { length }) => sum + length, 0);
  return new Message()
    .u16(10, length)
    .u32(1_700_000_000, sequence, 7)
    .raw(...sets)
    .build();
}

/** A version 5 message at 1,700,000,000.5 s, 100 s after the exporter was started, with one record. */
export function v5(sequence: number, sampling = 0): Uint8Array {
  const header = new Message().u16(5, 1).u32(100_000, 1_700_000_000, 500_000_000, sequence).u8(1, 2).u16(sampling);
  const record = new Message()
    .u8(10, 0, 0, 1, 192, 168, 0, 2, 0, 0, 0, 0)
    .u16(1, 2)
    .u32(12, 3456, 98_000, 99_500)
    .u16(40_000, 443)
    .u8(0, 0x1b, 6, 0)
    .u16(1, 2)
    .u8(24, 24)
    .u16(0);
  return header.raw(record.build()).build();
}
