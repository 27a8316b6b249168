import type { TrafficContext } from '../context/traffic-context.ts';
import type { TrafficClock } from '../clock.ts';
import { FeatureVector } from '../features/feature-vector.ts';
import { HomeNetworks, isGroupAddress } from '../features/home-networks.ts';
import { KEY_HIGH, KEY_LOW, KEY_META, KEY_PORTS, protocolOf } from '../flow-table/flow-key.ts';
import {
  DN_IP_BYTES,
  DN_PACKETS,
  DN_STRIDE,
  FLAG_GROUP_DESTINATION,
  FLAG_MID_STREAM,
  FLAG_SOURCE_IS_HIGH,
  N_FIRST,
  N_FLOW_ID,
  N_START_EVENT,
  N_WINDOWED_BYTES,
  N_WINDOWED_SENT,
  W_CONTEXT,
  W_DESTINATION_HOST,
  W_EMITTED_PACKETS,
  W_FLAGS,
  W_PAIR,
  W_SOURCE_HOST,
} from '../flow-table/flow-layout.ts';
import type { FlowObserver } from '../flow-table/flow-table.ts';
import type { RecordTable } from '../flow-table/record-table.ts';
import type { MeteringOptions } from '../options.ts';
import { HostWindows, WindowOwners } from '../windows/host-windows.ts';
import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { AGE_FINAL, END_NONE } from './age-class.ts';
import { fillRecord } from './fill-record.ts';
import { FlowRecord, type FlowSink } from './flow-record.ts';

/** Turns what happens to flows into records: measurements, host windows, features; and hands them to the sink. */
export class RecordEmitter implements FlowObserver {
  /** Records handed over. */
  records = 0;
  /** Flows that ended. */
  flows = 0;
  /** Acknowledgments in them of bytes that the sensor has not seen. */
  unseen = 0;
  readonly windows: HostWindows | null;

  readonly #sink: FlowSink;
  readonly #clock: TrafficClock;
  readonly #context: TrafficContext | null;
  readonly #features: FeatureVector | null;
  readonly #homeNetworks: HomeNetworks;
  readonly #record = new FlowRecord();
  readonly #owners = new WindowOwners();
  readonly #addresses = new Int32Array(8);
  #table: RecordTable | null = null;

  constructor(options: MeteringOptions, clock: TrafficClock, sink: FlowSink, context: TrafficContext | null) {
    this.#sink = sink;
    this.#clock = clock;
    this.#context = context;
    this.#homeNetworks = new HomeNetworks(options.homeNetworks);
    this.windows = options.features ? new HostWindows(options.maxHosts, options.hashSeed) : null;
    this.#features = options.features ? new FeatureVector() : null;
    if (this.#features !== null) this.#record.features = this.#features.values;
  }

  /** Says where flows are kept; before anything else. */
  attach(table: RecordTable): void {
    this.#table = table;
  }

  started(slot: number, now: number): void {
    const { words, wordStride, numbers, numberStride } = this.#table!;
    const base = slot * wordStride;
    const high = (words[base + W_FLAGS] & FLAG_SOURCE_IS_HIGH) !== 0;
    const addresses = this.#addresses;
    for (let k = 0; k < 4; k++) {
      addresses[k] = words[base + (high ? KEY_HIGH : KEY_LOW) + k];
      addresses[4 + k] = words[base + (high ? KEY_LOW : KEY_HIGH) + k];
    }
    words[base + W_CONTEXT] = this.#homeNetworks.directionOf(addresses);
    if (isGroupAddress(addresses, 4)) words[base + W_FLAGS] |= FLAG_GROUP_DESTINATION;
    this.#context?.started(numbers[slot * numberStride + N_FLOW_ID], addresses);
    if (this.windows === null) return;
    const protocol = protocolOf(words[base + KEY_META]);
    const ports = words[base + KEY_PORTS];
    const isHandshake = protocol === PROTOCOL_TCP && (words[base + W_FLAGS] & FLAG_MID_STREAM) === 0;
    const owners = this.#owners;
    numbers[slot * numberStride + N_START_EVENT] = this.windows.start(
      addresses,
      high ? ports >>> 16 : ports & 0xffff,
      protocol,
      isHandshake,
      now,
      owners,
    );
    words[base + W_SOURCE_HOST] = owners.source;
    words[base + W_SOURCE_HOST + 1] = owners.sourceId;
    words[base + W_DESTINATION_HOST] = owners.destination;
    words[base + W_DESTINATION_HOST + 1] = owners.destinationId;
    words[base + W_PAIR] = owners.pair;
    words[base + W_PAIR + 1] = owners.pairId;
  }

  answered(slot: number): void {
    const { numbers, numberStride } = this.#table!;
    this.windows?.starts.answered(numbers[slot * numberStride + N_START_EVENT]);
  }

  handshakeOver(slot: number): void {
    const { numbers, numberStride } = this.#table!;
    this.windows?.starts.handshakeOver(numbers[slot * numberStride + N_START_EVENT]);
  }

  aged(slot: number, at: number, ageClass: number): void {
    const { words, wordStride } = this.#table!;
    // A flow that is as it was in its latest record has nothing new to say.
    const unchanged = words[slot * wordStride + W_EMITTED_PACKETS] === packetsOf(this.#table!, slot);
    if (!unchanged) this.#emit(slot, at, ageClass, END_NONE);
  }

  ended(slot: number, at: number, reason: number): void {
    this.flows++;
    this.#emit(slot, at, AGE_FINAL, reason);
    this.unseen += this.#record.unseen;
    this.#context?.ended(this.#record.flowId);
  }

  #emit(slot: number, at: number, ageClass: number, endReason: number): void {
    const table = this.#table!;
    const { words } = table;
    const record = this.#record;
    fillRecord(record, table, slot, this.#clock, at);
    record.ageClass = ageClass;
    record.endReason = endReason;
    record.isFinal = endReason !== END_NONE;
    words[slot * table.wordStride + W_EMITTED_PACKETS] = packetsOf(table, slot);
    if (this.windows !== null && this.#features !== null) {
      this.#readWindows(this.windows, record, slot, at);
      this.#features.fill(record);
    }
    this.#context?.fill(record, at);
    this.records++;
    this.#sink.record(record);
  }

  /** Tells the windows of the bytes since the flow's latest record, then reads them as of `at`. */
  #readWindows(windows: HostWindows, record: FlowRecord, slot: number, at: number): void {
    const { words, wordStride, numbers, numberStride } = this.#table!;
    const base = slot * wordStride;
    const nbase = slot * numberStride;
    const owners = this.#owners;
    owners.source = words[base + W_SOURCE_HOST];
    owners.sourceId = words[base + W_SOURCE_HOST + 1];
    owners.destination = words[base + W_DESTINATION_HOST];
    owners.destinationId = words[base + W_DESTINATION_HOST + 1];
    owners.pair = words[base + W_PAIR];
    owners.pairId = words[base + W_PAIR + 1];
    windows.advance(at);
    const sent = numbers[nbase + DN_IP_BYTES];
    const total = sent + numbers[nbase + DN_STRIDE + DN_IP_BYTES];
    const newSent = sent - numbers[nbase + N_WINDOWED_SENT];
    const newTotal = total - numbers[nbase + N_WINDOWED_BYTES];
    if (newTotal > 0) windows.addBytes(owners, newSent, newTotal, at);
    numbers[nbase + N_WINDOWED_SENT] = sent;
    numbers[nbase + N_WINDOWED_BYTES] = total;
    windows.read(record.windows, owners, numbers[nbase + N_FIRST], at);
  }
}

/** Packets of both directions, the lower 32 bits. */
function packetsOf({ numbers, numberStride }: RecordTable, slot: number): number {
  const nbase = slot * numberStride;
  return (numbers[nbase + DN_PACKETS] + numbers[nbase + DN_STRIDE + DN_PACKETS]) | 0;
}
