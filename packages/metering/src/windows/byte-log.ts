import { EventRing } from './event-ring.ts';
import { HN_SOURCE_BYTES, type HostTable } from './host-table.ts';
import { PN_BYTES, type PairTable } from './pair-table.ts';
import { BYTE_WINDOWS } from './window-seconds.ts';

/** Words per event: slot and identifier of source and pair. */
const OWNERS = 4;

/** Bytes that flows moved between two records: counted for source and pair. */
export class ByteLog {
  readonly #ring: EventRing;
  readonly #hosts: HostTable;
  readonly #pairs: PairTable;
  readonly #sent: Float64Array;
  readonly #total: Float64Array;
  readonly #owners: Int32Array;

  constructor(capacity: number, hosts: HostTable, pairs: PairTable) {
    const ring = new EventRing(capacity, BYTE_WINDOWS);
    this.#ring = ring;
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#sent = new Float64Array(ring.capacity);
    this.#total = new Float64Array(ring.capacity);
    this.#owners = new Int32Array(ring.capacity * OWNERS);
  }

  /** Byte counts that left before their time. */
  get dropped(): number {
    return this.#ring.dropped;
  }

  /** A flow moved bytes up to `now`: `sent` by its source, `total` in both directions. Slots are -1 for none. */
  add(now: number, source: number, pair: number, sent: number, total: number): void {
    if (this.#ring.isFull) this.#makeRoom();
    const event = this.#ring.indexOf(this.#ring.add(now));
    this.#sent[event] = sent;
    this.#total[event] = total;
    const at = event * OWNERS;
    this.#owners[at] = source;
    this.#owners[at + 1] = source < 0 ? 0 : this.#hosts.idOf(source);
    this.#owners[at + 2] = pair;
    this.#owners[at + 3] = pair < 0 ? 0 : this.#pairs.idOf(pair);
    if (source >= 0) {
      const { numbers, numberStride } = this.#hosts.table;
      const base = source * numberStride + HN_SOURCE_BYTES;
      for (let k = 0; k < BYTE_WINDOWS.length; k++) numbers[base + BYTE_WINDOWS[k]] += sent;
    }
    if (pair >= 0) {
      const { numbers, numberStride } = this.#pairs.table;
      const base = pair * numberStride + PN_BYTES;
      for (let k = 0; k < BYTE_WINDOWS.length; k++) numbers[base + BYTE_WINDOWS[k]] += total;
    }
  }

  /** Takes bytes off the windows that they have left at `now`. */
  advance(now: number): void {
    const ring = this.#ring;
    for (let k = 0; k < BYTE_WINDOWS.length; k++) {
      for (let event = ring.leaving(k, now); event >= 0; event = ring.leaving(k, now)) this.#leave(event, k);
    }
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    this.#ring.rebase(shift);
  }

  #makeRoom(): void {
    for (let k = 0; k < BYTE_WINDOWS.length; k++) {
      const event = this.#ring.drop(k);
      if (event >= 0) this.#leave(event, k);
    }
  }

  #leave(event: number, k: number): void {
    const window = BYTE_WINDOWS[k];
    const owners = this.#owners;
    const at = event * OWNERS;
    const source = owners[at];
    if (this.#hosts.holds(source, owners[at + 1])) {
      const { numbers, numberStride } = this.#hosts.table;
      numbers[source * numberStride + HN_SOURCE_BYTES + window] -= this.#sent[event];
    }
    const pair = owners[at + 2];
    if (this.#pairs.holds(pair, owners[at + 3])) {
      const { numbers, numberStride } = this.#pairs.table;
      numbers[pair * numberStride + PN_BYTES + window] -= this.#total[event];
    }
  }
}
