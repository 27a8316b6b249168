import { ParquetDamage } from './damage.ts';

/** Bytes that the pages of a file's columns may take at a time. */
const MOST_BYTES = 1 << 30;

/** Keeps count of the memory that decoded pages take. */
export class MemoryBudget {
  #taken = 0;

  get left(): number {
    return MOST_BYTES - this.#taken;
  }

  /** @throws ParquetDamage when so much is not left */
  assertFree(bytes: number): void {
    if (bytes > this.left) {
      throw new ParquetDamage(`its pages take more than ${MOST_BYTES >> 20} MiB at a time`);
    }
  }

  take(bytes: number): number {
    this.assertFree(bytes);
    this.#taken += bytes;
    return bytes;
  }

  free(bytes: number): void {
    this.#taken -= bytes;
  }
}
