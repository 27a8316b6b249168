import { type DecodedPacket, FRAGMENT_FIRST } from '../wire/decoded-packet.ts';
import { hashWords } from './hash.ts';
import { LinkedList } from './linked-list.ts';
import { RecordTable } from './record-table.ts';

/** Key: source, destination, identification, protocol and IP version. */
const KEY_WORDS = 10;
const W = KEY_WORDS + 1;
const W_PORTS = W;
/** Highest byte of the original packet seen so far. */
const W_SEEN_UP_TO = W + 1;
const WORDS = 2;
const N_TIME = Math.ceil((W + WORDS) / 2);
const NUMBERS = 1;

/** Packets in reassembly at a time, and how long one may take (RFC 791 suggests 15 s, RFC 8200 60 s). */
const CAPACITY = 4096;
const LIFETIME = 30e9;

/**
 * Remembers the ports of fragmented packets, which only the first fragment carries, so that later fragments go to its
 * flow. Payload is not reassembled.
 */
export class FragmentTable {
  /** Later fragments without a first one before them. */
  orphans = 0;
  /** Fragments that cover bytes which came before: overlaps and repeats. */
  overlaps = 0;
  /** First fragments that made room for others before their time. */
  evicted = 0;
  readonly #table = new RecordTable(CAPACITY, KEY_WORDS, WORDS, NUMBERS);
  readonly #list = new LinkedList(new Int32Array(CAPACITY * 2));
  readonly #key = new Int32Array(KEY_WORDS);
  #hash = 0;
  /** The slot that {@link #key} names, -1 where there is none or it is not known. */
  #keySlot = -1;
  readonly #seed: number;
  readonly #time: Float64Array;

  /** @param time holds the present at index 0 */
  constructor(seed: number, time: Float64Array) {
    this.#seed = seed;
    this.#time = time;
  }

  /**
   * Notes a first fragment, or gives a later one the ports of its first.
   * @returns false for a later fragment whose first is not known
   */
  resolve(packet: DecodedPacket): boolean {
    const isSame = this.#setKey(packet);
    const slot = isSame && this.#keySlot >= 0 ? this.#keySlot : this.#table.find(this.#key, this.#hash);
    this.#keySlot = slot;
    const isFirst = packet.fragment === FRAGMENT_FIRST;
    const now = this.#time[0];
    const start = packet.fragmentOffset;
    const end = start + packet.transportLength;
    if (slot >= 0 && now - this.#table.numbers[slot * this.#table.numberStride + N_TIME] <= LIFETIME) {
      const base = slot * this.#table.wordStride;
      const { words } = this.#table;
      if (start < words[base + W_SEEN_UP_TO]) this.overlaps++;
      if (end > words[base + W_SEEN_UP_TO]) words[base + W_SEEN_UP_TO] = end;
      if (isFirst) return true;
      packet.sourcePort = words[base + W_PORTS] >>> 16;
      packet.destinationPort = words[base + W_PORTS] & 0xffff;
      return true;
    }
    if (slot >= 0) this.#remove(slot);
    if (!isFirst) {
      this.orphans++;
      return false;
    }
    this.#add(packet, now, end);
    return true;
  }

  #add(packet: DecodedPacket, now: number, end: number): void {
    if (this.#table.full) {
      const oldest = this.#list.oldest;
      if (now - this.#table.numbers[oldest * this.#table.numberStride + N_TIME] <= LIFETIME) this.evicted++;
      this.#remove(oldest);
    }
    const slot = this.#table.insert(this.#key, this.#hash);
    this.#keySlot = slot;
    const base = slot * this.#table.wordStride;
    this.#table.words[base + W_PORTS] = (packet.sourcePort << 16) | packet.destinationPort;
    this.#table.words[base + W_SEEN_UP_TO] = end;
    this.#table.numbers[slot * this.#table.numberStride + N_TIME] = now;
    this.#list.append(slot);
  }

  #remove(slot: number): void {
    if (slot === this.#keySlot) this.#keySlot = -1;
    this.#list.remove(slot);
    this.#table.remove(slot);
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    for (let slot = this.#list.oldest; slot >= 0; slot = this.#list.newerThan(slot)) {
      this.#table.numbers[slot * this.#table.numberStride + N_TIME] -= shift;
    }
  }

  /** @returns true where the key is the same as before: the fragments of a packet come in a burst */
  #setKey(packet: DecodedPacket): boolean {
    const key = this.#key;
    const meta = packet.protocol | (packet.version << 8);
    if (
      key[8] === packet.fragmentId &&
      key[9] === meta &&
      key[3] === packet.source3 &&
      key[7] === packet.destination3 &&
      key[2] === packet.source2 &&
      key[6] === packet.destination2 &&
      key[1] === packet.source1 &&
      key[5] === packet.destination1 &&
      key[0] === packet.source0 &&
      key[4] === packet.destination0
    ) {
      return true;
    }
    key[0] = packet.source0;
    key[1] = packet.source1;
    key[2] = packet.source2;
    key[3] = packet.source3;
    key[4] = packet.destination0;
    key[5] = packet.destination1;
    key[6] = packet.destination2;
    key[7] = packet.destination3;
    key[8] = packet.fragmentId;
    key[9] = meta;
    this.#hash = hashWords(key, KEY_WORDS, this.#seed);
    return false;
  }
}
