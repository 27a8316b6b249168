import { randomBytes } from 'node:crypto';
import { CLOCK_FAR_AHEAD, TrafficClock } from '../clock.ts';
import { HomeNetworks, isGroupAddress } from '../features/home-networks.ts';
import {
  FLAG_ESTABLISHED,
  FLAG_FIN_BACKWARD,
  FLAG_FIN_FORWARD,
  FLAG_GROUP_DESTINATION,
  FLAG_MID_STREAM,
  FLAG_RST_BACKWARD,
  FLAG_RST_FORWARD,
} from '../flow-table/flow-layout.ts';
import { FlowRecord, type FlowSink } from '../records/flow-record.ts';
import { HostWindows, WindowOwners } from '../windows/host-windows.ts';
import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { CORE_FEATURES } from './core-features.ts';
import type { CoreFlowRecord } from './core-flow.ts';
import { coreFlowOf } from './core-flow-of-record.ts';
import type { FlowCoreRecord, FlowCoreSink } from './flow-core-record.ts';
import type { FlowCoreStatistics } from './flow-core-statistics.ts';
import { FlowQueue } from './flow-queue.ts';

/** Sensors tell of a flow up to an idle timeout after its end, five minutes as a rule. */
const DEFAULT_DISORDER_SECONDS = 300;
const MOST_WAITING = 65_536;
/** A flow that ended so much earlier than another means that the clock was set back, or that another log begins. */
const SET_BACK_SECONDS = 86_400;
/** A clock that jumps about without end is not followed for ever. */
const MOST_RESETS = 1000;
const ANY_RST = FLAG_RST_FORWARD | FLAG_RST_BACKWARD;
const BOTH_FIN = FLAG_FIN_FORWARD | FLAG_FIN_BACKWARD;

export interface FlowCoreOptions {
  /** Networks (CIDR) that are ours; they decide inbound, outbound and lateral. */
  readonly homeNetworks: readonly string[];
  /** Hosts, pairs and destinations kept in each window table. */
  readonly maxHosts: number;
  /**
   * Flows wait until others that ended so many seconds later have come, so that all are taken in order of their ends;
   * 300 by default. Less means earlier rows, and more flows that come too late.
   */
  readonly disorderSeconds?: number;
  /** Secret of the hash tables: placement only, never a result. Random by default. */
  readonly hashSeed?: number;
}

/**
 * Finished flows of any source in, rows of `flow-core` out, in order of the flows' ends. Windows hold flows by their
 * ends. As a sink of a FlowMeter it takes the final records of packets.
 *
 * Flows may come out of order by `disorderSeconds`, and 65,536 of them wait at most; one that comes later still is taken
 * at the present time and counted.
 */
export class FlowCoreMeter implements FlowSink {
  readonly #sink: FlowCoreSink;
  readonly #homeNetworks: HomeNetworks;
  readonly #windows: HostWindows;
  readonly #disorder: number;
  readonly #clock = new TrafficClock();
  readonly #queue = new FlowQueue();
  readonly #owners = new WindowOwners();
  /** What the definitions of features read. */
  readonly #values = new FlowRecord();
  readonly #features = new Float32Array(CORE_FEATURES.length);
  /** Latest end so far, in whole seconds. */
  #latest = 0;
  #flows = 0;
  #late = 0;
  #hurried = 0;
  #packets = 0;
  #bytes = 0;
  #firstSeconds: number | null = null;

  /** @throws UserError naming the home network that cannot be read */
  constructor(options: FlowCoreOptions, sink: FlowCoreSink) {
    this.#sink = sink;
    this.#homeNetworks = new HomeNetworks(options.homeNetworks);
    this.#windows = new HostWindows(options.maxHosts, options.hashSeed ?? randomBytes(4).readInt32LE());
    this.#disorder = options.disorderSeconds ?? DEFAULT_DISORDER_SECONDS;
  }

  /** Takes a final record of packets; interim records are of flows that go on. */
  record(record: FlowRecord): void {
    if (record.isFinal) this.add(coreFlowOf(record));
  }

  /** Takes a flow, which belongs to the meter from now on. */
  add(flow: CoreFlowRecord): void {
    if (flow.endSeconds <= this.#latest - SET_BACK_SECONDS && this.#clock.resets < MOST_RESETS) {
      this.finish();
      this.#latest = flow.endSeconds;
    } else if (flow.endSeconds > this.#latest) {
      this.#latest = flow.endSeconds;
    }
    this.#queue.push(flow);
    this.#release(this.#latest - this.#disorder);
    if (this.#queue.size > MOST_WAITING) {
      this.#hurried++;
      this.#take(this.#queue.pop()!);
    }
  }

  /** Lets time pass without a flow: what ended by `seconds` less the disorder that is allowed for waits no longer. */
  advanceTo(seconds: number): void {
    this.#release(seconds - this.#disorder);
  }

  /** The input has ended: all that waits is taken. More flows may come afterwards. */
  finish(): void {
    this.#release(Infinity);
  }

  statistics(): FlowCoreStatistics {
    const { hosts, pairs, ports, starts, bytes } = this.#windows;
    return {
      flows: this.#flows,
      packets: this.#packets,
      bytes: this.#bytes,
      waiting: this.#queue.size,
      lateFlows: this.#late,
      hurriedFlows: this.#hurried,
      evictedHosts: hosts.evicted,
      evictedPairs: pairs.evicted,
      evictedPorts: ports.evicted,
      droppedWindowEvents: starts.dropped + bytes.dropped,
      saturatedContacts: pairs.saturated + ports.saturated,
      clockResets: this.#clock.resets,
      firstSeconds: this.#firstSeconds,
      lastSeconds: this.#firstSeconds === null ? null : this.#nowSeconds(),
    };
  }

  #release(until: number): void {
    for (let flow = this.#queue.first; flow !== undefined && flow.endSeconds <= until; flow = this.#queue.first) {
      this.#take(this.#queue.pop()!);
    }
  }

  #take(flow: CoreFlowRecord): void {
    this.#moveClock(flow);
    const now = this.#clock.time[0];
    const values = this.#values;
    this.#fillValues(flow);
    this.#fillWindows(flow, now);
    for (let k = 0; k < CORE_FEATURES.length; k++) this.#features[k] = CORE_FEATURES[k].value(values);
    this.#flows++;
    this.#packets += flow.forwardPackets + flow.backwardPackets;
    this.#bytes += flow.forwardBytes + flow.backwardBytes;
    const record: FlowCoreRecord = {
      flow,
      timeSeconds: this.#clock.secondsOf(now),
      timeNanoseconds: this.#clock.nanosecondsOf(now),
      coldStart: values.coldStart,
      features: this.#features,
    };
    this.#firstSeconds ??= this.#nowSeconds();
    this.#sink.coreRecord(record);
  }

  /** The present becomes the end of the flow. It never runs backwards, but for a clock that was set back. */
  #moveClock(flow: CoreFlowRecord): void {
    const clock = this.#clock;
    const { endSeconds, endNanoseconds } = flow;
    if (clock.started) {
      const behind = this.#nowSeconds() - (endSeconds + endNanoseconds / 1e9);
      if (behind >= SET_BACK_SECONDS && clock.resets < MOST_RESETS) {
        clock.reset(endSeconds, endNanoseconds);
        return;
      }
      if (behind > 0) {
        this.#late++;
        return;
      }
    }
    if (clock.advance(endSeconds, endNanoseconds) === CLOCK_FAR_AHEAD) {
      this.#windows.rebase(clock.rebase(endSeconds, endNanoseconds));
    }
  }

  #fillValues(flow: CoreFlowRecord): void {
    const values = this.#values;
    values.addressWords.set(flow.addressWords);
    values.sourcePort = flow.sourcePort;
    values.destinationPort = flow.destinationPort;
    values.protocol = flow.protocol;
    values.duration = flow.duration;
    values.forwardPackets = flow.forwardPackets;
    values.backwardPackets = flow.backwardPackets;
    values.forwardBytes = flow.forwardBytes;
    values.backwardBytes = flow.backwardBytes;
    values.flags = flow.connection | (isGroupAddress(flow.addressWords, 4) ? FLAG_GROUP_DESTINATION : 0);
    values.networkDirection = this.#homeNetworks.directionOf(flow.addressWords);
  }

  #fillWindows(flow: CoreFlowRecord, now: number): void {
    const { connection } = flow;
    const windows = this.#windows;
    const owners = this.#owners;
    const isHandshake = flow.protocol === PROTOCOL_TCP && (connection & FLAG_MID_STREAM) === 0;
    const { addressWords, destinationPort, protocol } = flow;
    const event = windows.start(addressWords, destinationPort, protocol, isHandshake, now, owners);
    if (flow.backwardPackets > 0) windows.starts.answered(event);
    const isOver = (connection & (FLAG_ESTABLISHED | ANY_RST)) !== 0 || (connection & BOTH_FIN) === BOTH_FIN;
    if (isOver) windows.starts.handshakeOver(event);
    const total = flow.forwardBytes + flow.backwardBytes;
    if (total > 0) windows.addBytes(owners, flow.forwardBytes, total, now);
    windows.read(this.#values.windows, owners, now, now);
  }

  #nowSeconds(): number {
    const now = this.#clock.time[0];
    return this.#clock.secondsOf(now) + this.#clock.nanosecondsOf(now) / 1e9;
  }
}
