import type { MeteringOptions } from '../options.ts';
import {
  AGE_ACTIVE,
  EARLY_AGES,
  END_ACTIVE,
  END_CLOSED,
  END_EVICTED,
  END_IDLE,
  END_REUSED,
  END_UNANSWERED,
} from '../records/age-class.ts';
import { type DecodedPacket } from '../wire/decoded-packet.ts';
import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { TCP_ACK, TCP_SYN } from '../wire/tcp.ts';
import { firstFlags } from './first-packet.ts';
import { FLOW_KEY_WORDS, FlowKey } from './flow-key.ts';
import {
  DN_FIRST,
  DN_LAST,
  DN_PACKETS,
  DN_STRIDE,
  FLAG_CLOSED,
  FLAG_ESTABLISHED,
  FLAG_SOURCE_IS_HIGH,
  FLOW_NUMBERS,
  FLOW_WORDS,
  N_FIRST,
  N_FLOW_ID,
  N_LAST,
  N_RESPONSE,
  W_FIRST_ICMP,
  W_FLAGS,
  W_ICMP_ERRORS,
} from './flow-layout.ts';
import { FlowTimers } from './flow-timers.ts';
import { IdleLists } from './idle-lists.ts';
import { addPacket } from './measure.ts';
import { RecordTable } from './record-table.ts';

const SECOND = 1e9;
const FORWARD = 0;
const BACKWARD = 1;
/** Flags that end the handshake, one way or the other. */
const HANDSHAKE_OVER = FLAG_ESTABLISHED | FLAG_CLOSED;

/** Hears what happens to flows. Slots are those of the flow table; times are relative nanoseconds. */
export interface FlowObserver {
  started(slot: number, now: number): void;
  /** The first packet against the flow's direction. */
  answered(slot: number): void;
  /** The TCP handshake was completed, or will not be. */
  handshakeOver(slot: number): void;
  /** The flow has reached an age at which a record is due, and goes on. */
  aged(slot: number, at: number, ageClass: number): void;
  /** The flow has ended; its slot is free after the call. */
  ended(slot: number, at: number, reason: number): void;
}

/**
 * Bidirectional flows: finds or creates a packet's flow, measures it, and ends flows by timeouts or by TCP closes. When
 * the table is full, the least recently used flow ends to make room.
 */
export class FlowTable {
  readonly records: RecordTable;
  /** Flows ended because the table was full. */
  evicted = 0;
  /** Most flows at a time. */
  peak = 0;

  readonly #observer: FlowObserver;
  readonly #key: FlowKey;
  readonly #idle: IdleLists;
  readonly #timers: FlowTimers;
  /** The present, from the clock. */
  readonly #time: Float64Array;
  /** No deadline lies before this one; an array so that reading it allocates nothing. */
  readonly #nextDeadline = Float64Array.of(Infinity);
  /** What prefetching read. */
  readonly #fetched = new Int32Array(1);
  #nextFlowId = 1;
  /** The flow that {@link #key} names, -1 where there is none or it is not known. */
  #keySlot = -1;

  readonly #activeTimeout: number;
  readonly #linger: number;
  readonly #closes: boolean;
  readonly #early: boolean;
  /** Early ages in relative time, then the kinds of timers behind them. */
  readonly #ages: readonly number[];
  readonly #activeTimer: number;
  readonly #repeatedActiveTimer: number;
  readonly #lingerTimer: number;

  /** @param time holds the present at index 0 */
  constructor(options: MeteringOptions, time: Float64Array, observer: FlowObserver) {
    this.records = new RecordTable(options.maxFlows, FLOW_KEY_WORDS, FLOW_WORDS, FLOW_NUMBERS);
    this.#observer = observer;
    this.#key = new FlowKey(options.hashSeed);
    this.#time = time;
    this.#activeTimeout = options.activeTimeoutSeconds * SECOND;
    this.#linger = options.lingerSeconds * SECOND;
    this.#closes = options.flowEnd === 'tcp-close';
    const idleTimeout = options.idleTimeoutSeconds * SECOND;
    const waitingTimeout = this.#closes ? options.unansweredTimeoutSeconds * SECOND : idleTimeout;
    this.#idle = new IdleLists(this.records, idleTimeout, waitingTimeout);
    this.#early = options.earlyRecords;
    this.#ages = options.earlyRecords
      ? EARLY_AGES.map((age) => age * SECOND).filter((age) => age < this.#activeTimeout)
      : [];
    this.#activeTimer = this.#ages.length;
    this.#repeatedActiveTimer = this.#activeTimer + 1;
    this.#lingerTimer = this.#activeTimer + 2;
    this.#timers = new FlowTimers(options.maxFlows, this.#lingerTimer + 1);
  }

  /** Identifier of the flow to which the latest packet was added. */
  get latestFlowId(): number {
    return this.records.numbers[this.#keySlot * this.records.numberStride + N_FLOW_ID];
  }

  get size(): number {
    return this.records.size;
  }

  /** Adds a packet at the present time to its flow. Deadlines up to now must have been met, see {@link expire}. */
  add(packet: DecodedPacket, frameBytes: number): void {
    const key = this.#key;
    const { records } = this;
    const { words } = records;
    let slot = key.set(packet) && this.#keySlot >= 0 ? this.#keySlot : this.#find();
    if (slot >= 0 && this.#closes && this.#isReuse(slot, packet)) {
      this.#end(slot, this.#time[0], END_REUSED);
      slot = -1;
    }
    if (slot < 0) slot = this.#create(packet);
    this.#keySlot = slot;

    const base = slot * records.wordStride;
    const before = words[base + W_FLAGS];
    const direction = ((before & FLAG_SOURCE_IS_HIGH) !== 0) === key.sourceIsHigh ? FORWARD : BACKWARD;
    const nbase = slot * records.numberStride;
    addPacket(words, records.numbers, base, nbase, packet, direction, frameBytes, this.#time);
    this.#idle.renew(slot, direction === BACKWARD);
    if (direction === BACKWARD && records.numbers[nbase + DN_STRIDE + DN_PACKETS] === 1) this.#observer.answered(slot);
    const gained = words[base + W_FLAGS] & ~before;
    if ((gained & HANDSHAKE_OVER) !== 0) {
      if ((before & HANDSHAKE_OVER) === 0) this.#observer.handshakeOver(slot);
      if ((gained & FLAG_CLOSED) !== 0 && this.#closes) this.#startLinger(slot);
    }
  }

  /** Counts an ICMP error for the flow of the packet that it quotes, if there is one. */
  addIcmpError(quoted: DecodedPacket): void {
    const key = this.#key;
    key.set(quoted);
    const slot = this.records.find(key.words, key.hash);
    this.#keySlot = slot;
    if (slot >= 0) this.records.words[slot * this.records.wordStride + W_ICMP_ERRORS]++;
  }

  /** True where the present has reached a deadline. */
  get due(): boolean {
    return this.#time[0] >= this.#nextDeadline[0];
  }

  /** Meets all deadlines up to now in their order, each at its own instant. */
  expire(): void {
    const now = this.#time[0];
    for (;;) {
      const idle = this.#idle.first();
      const idleAt = idle < 0 ? Infinity : this.#idle.deadlineOf(idle);
      const timed = this.#timers.first();
      const timerAt = timed < 0 ? Infinity : this.#timers.deadlineOf(timed);
      if (idleAt > now && timerAt > now) {
        this.#nextDeadline[0] = Math.min(idleAt, timerAt);
        return;
      }
      if (timerAt < idleAt) this.#timeUp(timed, timerAt);
      else this.#end(idle, idleAt, this.#idle.isWaiting(idle) ? END_UNANSWERED : END_IDLE);
    }
  }

  /** Ends all flows, least recently used first. */
  endAll(reason: number): void {
    while (this.records.size > 0) this.#end(this.#idle.leastRecentlyUsed(), this.#time[0], reason);
    this.#nextDeadline[0] = Infinity;
  }

  /** Moves all times back by `shift`. */
  rebase(shift: number): void {
    const { numbers, numberStride } = this.records;
    this.#idle.forEach((slot) => {
      const nbase = slot * numberStride;
      numbers[nbase + N_FIRST] -= shift;
      numbers[nbase + N_LAST] -= shift;
      for (let dn = nbase; dn <= nbase + DN_STRIDE; dn += DN_STRIDE) {
        numbers[dn + DN_FIRST] -= shift;
        numbers[dn + DN_LAST] -= shift;
      }
    });
    this.#timers.rebase(shift);
    this.#nextDeadline[0] -= shift;
  }

  /** The flow that the key names, -1 where there is none. */
  #find(): number {
    const { records } = this;
    const { words, hash } = this.#key;
    // In a flood most packets make room: what that will read is fetched while the search waits for memory.
    if (records.full) this.#fetched[0] = records.prefetchSlot(this.#idle.leastRecentlyUsed());
    return records.find(words, hash);
  }

  #create(packet: DecodedPacket): number {
    const { records } = this;
    const now = this.#time[0];
    if (records.full) {
      this.evicted++;
      this.#end(this.#idle.leastRecentlyUsed(), now, END_EVICTED);
    }
    const slot = records.insert(this.#key.words, this.#key.hash);
    if (records.size > this.peak) this.peak = records.size;
    const base = slot * records.wordStride;
    const nbase = slot * records.numberStride;
    const { words, numbers } = records;
    numbers[nbase + N_FIRST] = now;
    numbers[nbase + N_LAST] = now;
    numbers[nbase + N_RESPONSE] = -1;
    numbers[nbase + N_FLOW_ID] = this.#nextFlowId++;
    words[base + W_FLAGS] = firstFlags(packet, this.#key.sourceIsHigh);
    words[base + W_FIRST_ICMP] = (packet.icmpType << 8) | packet.icmpCode;
    this.#idle.add(slot);
    const timer = this.#ages.length > 0 ? this.#ages[0] : this.#activeTimeout;
    this.#timers.set(slot, 0, now + timer);
    this.#deadlineBy(now + Math.min(timer, this.#idle.shortestTimeout));
    this.#observer.started(slot, now);
    return slot;
  }

  #deadlineBy(at: number): void {
    if (at < this.#nextDeadline[0]) this.#nextDeadline[0] = at;
  }

  /** True for a new connection on the ports of a closed one. */
  #isReuse(slot: number, packet: DecodedPacket): boolean {
    if (packet.protocol !== PROTOCOL_TCP || (packet.tcpFlags & (TCP_SYN | TCP_ACK)) !== TCP_SYN) return false;
    return (this.records.words[slot * this.records.wordStride + W_FLAGS] & FLAG_CLOSED) !== 0;
  }

  #startLinger(slot: number): void {
    const until = this.#time[0] + this.#linger;
    this.#timers.clear(slot);
    this.#timers.set(slot, this.#lingerTimer, until);
    this.#deadlineBy(until);
  }

  #timeUp(slot: number, at: number): void {
    const kind = this.#timers.kindOf(slot);
    if (kind === this.#lingerTimer) {
      this.#end(slot, at, END_CLOSED);
      return;
    }
    if (kind >= this.#activeTimer && !this.#early) {
      this.#end(slot, at, END_ACTIVE);
      return;
    }
    this.#timers.clear(slot);
    if (kind >= this.#activeTimer) {
      this.#timers.set(slot, this.#repeatedActiveTimer, at + this.#activeTimeout);
      this.#observer.aged(slot, at, AGE_ACTIVE);
      return;
    }
    const first = at - this.#ages[kind];
    const next = kind + 1;
    this.#timers.set(slot, next, first + (next < this.#activeTimer ? this.#ages[next] : this.#activeTimeout));
    this.#observer.aged(slot, at, kind + 1);
  }

  #end(slot: number, at: number, reason: number): void {
    this.#observer.ended(slot, at, reason);
    this.#timers.clear(slot);
    this.#idle.remove(slot);
    this.records.remove(slot);
    if (slot === this.#keySlot) this.#keySlot = -1;
  }
}
