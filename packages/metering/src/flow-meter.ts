import type { ArpSink, ArpStatistics } from './arp/arp-record.ts';
import { ArpTable } from './arp/arp-table.ts';
import { CLOCK_RUNS, CLOCK_SET_BACK, TrafficClock } from './clock.ts';
import { type ContextStatistics, TrafficContext } from './context/traffic-context.ts';
import { FragmentTable } from './flow-table/fragment-table.ts';
import { FlowTable } from './flow-table/flow-table.ts';
import { type MeteringOptions, completeOptions } from './options.ts';
import type { PacketSink } from './packet-sink.ts';
import { END_CLOCK, END_INPUT } from './records/age-class.ts';
import type { FlowSink } from './records/flow-record.ts';
import { RecordEmitter } from './records/record-emitter.ts';
import { type MeteringStatistics, SkipCounts } from './statistics.ts';
import { decodeFrame } from './wire/decode.ts';
import { DecodedPacket, FRAGMENT_LATER, FRAGMENT_NONE } from './wire/decoded-packet.ts';
import { decodeQuoted, isIcmpError } from './wire/icmp-error.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from './wire/ip-protocol.ts';
import { SKIP_ARP, SKIP_FRAGMENT, SKIP_FRAGMENT_ORPHAN, SKIP_LINK_TYPE } from './wire/skip.ts';
import { isMeteredItself } from './wire/tunnel.ts';

/**
 * Packets in, flow records out. Time is that of the packets; a record is emitted at the exact instant of its deadline,
 * whenever the packet that reveals it arrives. How packets are handed over (file, pipe, chunks) changes nothing.
 */
export class FlowMeter implements PacketSink {
  readonly #options: MeteringOptions;
  readonly #clock: TrafficClock;
  readonly #packet = new DecodedPacket();
  /** The packet that an ICMP error quotes. */
  readonly #quoted = new DecodedPacket();
  readonly #table: FlowTable;
  readonly #fragments: FragmentTable;
  readonly #emitter: RecordEmitter;
  readonly #context: TrafficContext | null;
  readonly #arp: ArpTable | null;
  readonly #skipped = new SkipCounts();
  #packets = 0;
  #bytes = 0;
  #firstSeconds: number | null = null;

  /**
   * @param options what differs from DETECTION_OPTIONS
   * @param sink    takes the records, in the order of their instants
   * @param arp     takes ARP messages, which belong to no flow and stay skipped packets in the counts
   * @throws UserError for an option out of range
   */
  constructor(options: Partial<MeteringOptions>, sink: FlowSink, arp?: ArpSink) {
    this.#options = completeOptions(options);
    const { flowEnd, hashSeed, maxFlows, maxHosts } = this.#options;
    // Where timeouts alone end flows, a clock that was set back does not, as with NFStream.
    this.#clock = new TrafficClock(flowEnd !== 'timeouts');
    this.#context = this.#options.context ? new TrafficContext(maxFlows, hashSeed, this.#clock.time) : null;
    this.#emitter = new RecordEmitter(this.#options, this.#clock, sink, this.#context);
    this.#table = new FlowTable(this.#options, this.#clock.time, this.#emitter);
    this.#emitter.attach(this.#table.records);
    this.#fragments = new FragmentTable(hashSeed, this.#clock.time);
    this.#arp = arp === undefined ? null : new ArpTable(maxHosts, hashSeed, arp);
  }

  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void {
    const packet = this.#packet;
    let skip = decodeFrame(packet, linkType, bytes, offset, capturedLength, wireLength, this.#options.decapsulate);
    if (skip === SKIP_ARP) {
      if (this.#arp !== null) this.#arp.add(packet, seconds, nanoseconds);
      // The packet of a tunnel that carries ARP is one of IP.
      if (isMeteredItself(packet.tunnel))
        skip = decodeFrame(packet, linkType, bytes, offset, capturedLength, wireLength, false);
    }
    if (skip < 0) {
      if (skip === SKIP_LINK_TYPE) this.#skipped.addLinkType(linkType);
      else this.#skipped.add(skip);
      return;
    }
    if (packet.fragment === FRAGMENT_LATER && this.#options.fragments === 'first') {
      this.#skipped.add(SKIP_FRAGMENT);
      return;
    }
    this.advanceTo(seconds, nanoseconds);
    if (packet.fragment !== FRAGMENT_NONE && !this.#fragments.resolve(packet)) {
      this.#skipped.add(SKIP_FRAGMENT_ORPHAN);
      return;
    }
    if (this.#firstSeconds === null) this.#firstSeconds = this.#nowSeconds();
    this.#packets++;
    this.#bytes += wireLength;
    this.#table.add(packet, wireLength);
    if (this.#context !== null && this.#context.concerns(packet)) this.#context.see(packet, this.#table.latestFlowId);
    if (packet.protocol !== PROTOCOL_TCP && packet.protocol !== PROTOCOL_UDP) this.#noteIcmpError(packet);
  }

  /** An ICMP error is a packet of its own flow, and counts for the flow that it quotes. */
  #noteIcmpError(packet: DecodedPacket): void {
    if (packet.fragment === FRAGMENT_LATER || !isIcmpError(packet)) return;
    if (decodeQuoted(packet, this.#quoted)) this.#table.addIcmpError(this.#quoted);
  }

  /**
   * Lets traffic time pass without a packet: deadlines up to then are met. An earlier time than the present does nothing,
   * unless it is earlier by an hour or more: then the clock was set back, and all flows end (but where timeouts alone end them).
   */
  advanceTo(seconds: number, nanoseconds: number): void {
    const change = this.#clock.advance(seconds, nanoseconds);
    if (this.#table.due) this.#table.expire();
    if (change !== CLOCK_RUNS) this.#changeClock(change, seconds, nanoseconds);
  }

  #changeClock(change: number, seconds: number, nanoseconds: number): void {
    if (change === CLOCK_SET_BACK) {
      this.#table.endAll(END_CLOCK);
      this.#clock.reset(seconds, nanoseconds);
      return;
    }
    const shift = this.#clock.rebase(seconds, nanoseconds);
    this.#table.rebase(shift);
    this.#emitter.windows?.rebase(shift);
    this.#fragments.rebase(shift);
    this.#context?.rebase(shift);
  }

  /** The input has ended: all flows end at the present time. The meter can take more packets afterwards. */
  finish(): void {
    this.#table.endAll(END_INPUT);
  }

  /** Counts of ARP messages; null where nobody takes them. */
  arpStatistics(): ArpStatistics | null {
    return this.#arp?.statistics() ?? null;
  }

  /** Counts of the tables behind the context; null without. */
  contextStatistics(): ContextStatistics | null {
    return this.#context?.statistics() ?? null;
  }

  statistics(): MeteringStatistics {
    const { windows, flows, records } = this.#emitter;
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      skipped: this.#skipped.toRecord(),
      flows,
      activeFlows: this.#table.size,
      peakFlows: this.#table.peak,
      records,
      evictedFlows: this.#table.evicted,
      evictedHosts: windows?.hosts.evicted ?? 0,
      evictedPairs: windows?.pairs.evicted ?? 0,
      evictedPorts: windows?.ports.evicted ?? 0,
      droppedWindowEvents: (windows?.starts.dropped ?? 0) + (windows?.bytes.dropped ?? 0),
      saturatedContacts: (windows?.pairs.saturated ?? 0) + (windows?.ports.saturated ?? 0),
      unseenAcknowledged: this.#emitter.unseen,
      overlappingFragments: this.#fragments.overlaps,
      evictedFragments: this.#fragments.evicted,
      timeReversals: this.#clock.reversals,
      clockResets: this.#clock.resets,
      timesOutOfRange: this.#clock.outOfRange,
      firstSeconds: this.#firstSeconds,
      lastSeconds: this.#firstSeconds === null ? null : this.#nowSeconds(),
    };
  }

  #nowSeconds(): number {
    const now = this.#clock.time[0];
    return this.#clock.secondsOf(now) + this.#clock.nanosecondsOf(now) / 1e9;
  }
}
