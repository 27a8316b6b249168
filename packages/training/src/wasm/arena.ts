/** Bytes of a page of WebAssembly memory, and the most that one memory may have. */
const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;

/** Every region starts on a cache line. */
const ALIGNMENT = 64;

/** Lays regions out in one WebAssembly memory, which is made once all of them are known: it never grows. */
export class Arena {
  #bytes = ALIGNMENT;

  /** Room for `count` four-byte values. Returns the address. */
  reserve(count: number): number {
    const address = this.#bytes;
    this.#bytes = Math.ceil((address + count * 4) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** The memory with all regions, filled with zeros. */
  memory(): WebAssembly.Memory {
    const pages = Math.ceil(this.#bytes / PAGE_BYTES);
    if (pages > MAX_PAGES) throw new Error(`${this.#bytes} bytes are more than one WebAssembly memory can have`);
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  }
}
