/** Puts protocol messages together, big endian as on the wire. */
export class ByteBuilder {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push((value >> 8) & 0xff, value & 0xff);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      this.#bytes.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
    }
    return this;
  }

  raw(values: ArrayLike<number>): this {
    for (let i = 0; i < values.length; i++) this.#bytes.push(values[i]);
    return this;
  }

  /** One byte per character. */
  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.#bytes.push(text.charCodeAt(i) & 0xff);
    return this;
  }

  random(count: number, random: { uint32(): number }): this {
    for (let i = 0; i < count; i++) this.#bytes.push(random.uint32() >>> 24);
    return this;
  }

  /** Appends what `fill` writes, with its length before it in `width` bytes. */
  sized(width: 1 | 2 | 3 | 4, fill: (inner: ByteBuilder) => void): this {
    const inner = new ByteBuilder();
    fill(inner);
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) this.u8(inner.length >>> shift);
    return this.raw(inner.build());
  }

  build(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
