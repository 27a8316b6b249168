import { firstKey } from './first-key.ts';

/** A step larger than this is a clock that was set, or one that tells nonsense. Nanoseconds. */
const LARGEST_STEP = 3_600_000_000_000n;
const MOST_EXPORTERS = 1024;

/**
 * One time for all exporters, from the times that they state. Their clocks differ, so that only how far each one moves on
 * counts: an exporter whose clock is ahead, or jumps, does not make the flows of others old.
 */
export class ExportClocks {
  /** Never runs backwards. Nanoseconds. */
  now = 0n;
  /** By exporter, the one heard of least recently first: what its clock is behind `now`'s. */
  readonly #offsets = new Map<string, bigint>();

  /** An exporter says what time it is. */
  advance(exporter: string, stated: bigint): void {
    const known = this.#offsets.get(exporter);
    const time = known === undefined ? this.now : stated + known;
    const step = time - this.now;
    const isSet = step > LARGEST_STEP || step < -LARGEST_STEP;
    this.#offsets.delete(exporter);
    this.#offsets.set(exporter, known === undefined || isSet ? this.now - stated : known);
    if (this.#offsets.size > MOST_EXPORTERS) this.#offsets.delete(firstKey(this.#offsets)!);
    if (step > 0n && !isSet) this.now = time;
  }
}
