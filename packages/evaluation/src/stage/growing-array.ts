type Numbers = Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array | BigInt64Array;

/** Collects typed arrays whose total length is not known beforehand. */
export class GrowingArray<T extends Numbers> {
  readonly #chunks: T[] = [];
  readonly #create: (length: number) => T;
  #length = 0;

  constructor(create: (length: number) => T) {
    this.#create = create;
  }

  /** Appends a copy of some values. */
  push(values: T): void {
    this.#chunks.push(values.slice() as T);
    this.#length += values.length;
  }

  /** All values in one array. */
  finish(): T {
    const joined = this.#create(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      (joined as Uint8Array).set(chunk as Uint8Array, at);
      at += chunk.length;
    }
    return joined;
  }
}
