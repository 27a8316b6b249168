import { EventRing } from './event-ring.ts';
import { HN_SOURCE_BYTES, type HostTable } from './host-table.ts';
import { PN_BYTES, type PairTable } from './pair-table.ts';
import { BYTE_WINDOWS } from './window-seconds.ts';

/** Words per event: slot and identifier of source and pair. */
const OWNERS = 4;

/** Bytes that flows moved between two records: counted for source and pair. */
export class ByteLog extends EventRing {
  readonly #hosts: HostTable;
  readonly #pairs: PairTable;
  readonly #sent: Float64Array;
  readonly #total: Float64Array;
  readonly #owners: Int32Array;

  constructor(capacity: number, hosts: HostTable, pairs: PairTable) {
    super(capacity, BYTE_WINDOWS);
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#sent = new Float64Array(this.capacity);
    this.#total = new Float64Array(this.capacity);
    this.#owners = new Int32Array(this.capacity * OWNERS);
  }

  /** A flow moved bytes up to `now`: `sent` by its source, `total` in both directions. Slots are -1 for none. */
  add(now: number, source: number, pair: number, sent: number, total: number): void {
    const event = this.reserve(now);
    this.#sent[event] = sent;
    this.#total[event] = total;
    const at = event * OWNERS;
    this.#owners[at] = source;
    this.#owners[at + 1] = source < 0 ? 0 : this.#hosts.idOf(source);
    this.#owners[at + 2] = pair;
    this.#owners[at + 3] = pair < 0 ? 0 : this.#pairs.idOf(pair);
    this.enter(event);
  }

  protected override apply(event: number, window: number, sign: number): void {
    const owners = this.#owners;
    const at = event * OWNERS;
    const source = owners[at];
    if (this.#hosts.holds(source, owners[at + 1])) {
      const { numbers, numberStride } = this.#hosts.table;
      numbers[source * numberStride + HN_SOURCE_BYTES + window] += sign * this.#sent[event];
    }
    const pair = owners[at + 2];
    if (this.#pairs.holds(pair, owners[at + 3])) {
      const { numbers, numberStride } = this.#pairs.table;
      numbers[pair * numberStride + PN_BYTES + window] += sign * this.#total[event];
    }
  }
}
