import type { ColumnBatch, ColumnValues } from '@edgeguard/contracts/arrow';
import { FEATURE_COLUMNS } from '../features/feature-set.ts';
import { TUNNEL_NAMES } from '../wire/tunnel.ts';
import { formatAddress } from './address.ts';
import { AGE_CLASSES, END_REASONS } from './age-class.ts';
import { communityId } from './community-id.ts';
import type { FlowRecord, FlowSink } from './flow-record.ts';

const ADDRESS_WORDS = 8;
const BILLION = 1_000_000_000n;

/** Some records: features row by row, as detectors read them, and the rest column by column. */
export class FlowBatch {
  readonly capacity: number;
  /** Features per row. */
  readonly width: number;
  /** Rows filled. */
  length = 0;
  /** Row-major, `capacity` x `width`; zeros where the meter computes no features. */
  readonly features: Float32Array;
  readonly flowId: Float64Array;
  readonly sourcePort: Uint16Array;
  readonly destinationPort: Uint16Array;
  readonly protocol: Uint8Array;
  /** ICMP type and code of the source's messages, (type << 8) | code. */
  readonly icmp: Uint16Array;
  readonly vlan: Uint16Array;
  /** Codes of `TUNNEL_NAMES`, `AGE_CLASSES` (from 1) and `END_REASONS`. */
  readonly tunnel: Uint8Array;
  readonly ageClass: Uint8Array;
  readonly endReason: Uint8Array;
  /** 1 while the windows are still filling. */
  readonly coldStart: Uint8Array;
  /** Instant of emission and first packet: seconds since the epoch, and nanoseconds. */
  readonly timeSeconds: Float64Array;
  readonly timeNanoseconds: Uint32Array;
  readonly startSeconds: Float64Array;
  readonly startNanoseconds: Uint32Array;
  /** Both directions; bytes of frames as on the wire. */
  readonly packets: Float64Array;
  readonly frameBytes: Float64Array;
  /** Context for people; empty where it is not known. */
  readonly dnsName: string[];
  readonly tlsServerName: string[];
  readonly ja4: string[];
  readonly sourceName: string[];
  readonly destinationName: string[];
  /** Source and destination, four words each. */
  readonly #addresses: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.width = FEATURE_COLUMNS.length;
    this.features = new Float32Array(capacity * this.width);
    this.flowId = new Float64Array(capacity);
    this.sourcePort = new Uint16Array(capacity);
    this.destinationPort = new Uint16Array(capacity);
    this.protocol = new Uint8Array(capacity);
    this.icmp = new Uint16Array(capacity);
    this.vlan = new Uint16Array(capacity);
    this.tunnel = new Uint8Array(capacity);
    this.ageClass = new Uint8Array(capacity);
    this.endReason = new Uint8Array(capacity);
    this.coldStart = new Uint8Array(capacity);
    this.timeSeconds = new Float64Array(capacity);
    this.timeNanoseconds = new Uint32Array(capacity);
    this.startSeconds = new Float64Array(capacity);
    this.startNanoseconds = new Uint32Array(capacity);
    this.packets = new Float64Array(capacity);
    this.frameBytes = new Float64Array(capacity);
    this.dnsName = Array.from<string>({ length: capacity }).fill('');
    this.tlsServerName = this.dnsName.slice();
    this.ja4 = this.dnsName.slice();
    this.sourceName = this.dnsName.slice();
    this.destinationName = this.dnsName.slice();
    this.#addresses = new Int32Array(capacity * ADDRESS_WORDS);
  }

  get full(): boolean {
    return this.length === this.capacity;
  }

  /** Copies a record into the next row of a batch that is not full. */
  add(record: FlowRecord): void {
    const row = this.length++;
    this.features.set(record.features, row * this.width);
    this.flowId[row] = record.flowId;
    this.sourcePort[row] = record.sourcePort;
    this.destinationPort[row] = record.destinationPort;
    this.protocol[row] = record.protocol;
    this.icmp[row] = record.icmp;
    this.vlan[row] = record.vlan;
    this.tunnel[row] = record.tunnel;
    this.ageClass[row] = record.ageClass;
    this.endReason[row] = record.endReason;
    this.coldStart[row] = record.coldStart ? 1 : 0;
    this.timeSeconds[row] = record.timeSeconds;
    this.timeNanoseconds[row] = record.timeNanoseconds;
    this.startSeconds[row] = record.startSeconds;
    this.startNanoseconds[row] = record.startNanoseconds;
    this.packets[row] = record.forwardPackets + record.backwardPackets;
    this.frameBytes[row] = record.forwardFrameBytes + record.backwardFrameBytes;
    this.dnsName[row] = record.dnsName;
    this.tlsServerName[row] = record.tlsServerName;
    this.ja4[row] = record.ja4;
    this.sourceName[row] = record.sourceName;
    this.destinationName[row] = record.destinationName;
    this.#addresses.set(record.addressWords, row * ADDRESS_WORDS);
  }

  sourceAddress(row: number): string {
    return formatAddress(this.#addresses, row * ADDRESS_WORDS);
  }

  destinationAddress(row: number): string {
    return formatAddress(this.#addresses, row * ADDRESS_WORDS + 4);
  }

  /** Community ID, version 1, of a row's flow: its name in other tools. */
  communityId(row: number): string {
    return communityId({
      addresses: this.#addresses,
      at: row * ADDRESS_WORDS,
      protocol: this.protocol[row],
      sourcePort: this.sourcePort[row],
      destinationPort: this.destinationPort[row],
      icmp: this.icmp[row],
    });
  }

  /** Instant of a row's record in nanoseconds since the epoch. */
  time(row: number): bigint {
    return BigInt(this.timeSeconds[row]) * BILLION + BigInt(this.timeNanoseconds[row]);
  }

  /** Instant of the first packet of a row's flow in nanoseconds since the epoch. */
  start(row: number): bigint {
    return BigInt(this.startSeconds[row]) * BILLION + BigInt(this.startNanoseconds[row]);
  }

  clear(): void {
    this.length = 0;
  }
}

/** Collects records and hands over each batch that is full, and the rest when told to. */
export class FlowBatcher implements FlowSink {
  readonly #batch: FlowBatch;
  readonly #take: (batch: FlowBatch) => void;

  /**
   * @param capacity rows per batch
   * @param take     reads a batch; it is cleared and used again afterwards
   */
  constructor(capacity: number, take: (batch: FlowBatch) => void) {
    this.#batch = new FlowBatch(capacity);
    this.#take = take;
  }

  record(record: FlowRecord): void {
    this.#batch.add(record);
    if (this.#batch.full) this.flush();
  }

  /** Hands over what is there, if anything. */
  flush(): void {
    if (this.#batch.length === 0) return;
    this.#take(this.#batch);
    this.#batch.clear();
  }
}

/** The rows of a batch column by column, as `flowSchema()` names and types them. The columns are copies. */
export function flowBatchColumns(batch: FlowBatch): ColumnBatch {
  const { length, width } = batch;
  const columns: Record<string, ColumnValues> = {
    flow_id: BigInt64Array.from({ length }, (_, row) => BigInt(batch.flowId[row])),
    src_ip: Array.from({ length }, (_, row) => batch.sourceAddress(row)),
    dst_ip: Array.from({ length }, (_, row) => batch.destinationAddress(row)),
    src_port: batch.sourcePort.slice(0, length),
    dst_port: batch.destinationPort.slice(0, length),
    protocol: batch.protocol.slice(0, length),
    vlan: batch.vlan.slice(0, length),
    tunnel: Array.from({ length }, (_, row) => TUNNEL_NAMES[batch.tunnel[row]]),
    record_age: Array.from({ length }, (_, row) => AGE_CLASSES[batch.ageClass[row] - 1]),
    end_reason: Array.from({ length }, (_, row) => END_REASONS[batch.endReason[row]]),
    time: BigInt64Array.from({ length }, (_, row) => batch.time(row)),
    start: BigInt64Array.from({ length }, (_, row) => batch.start(row)),
    cold_start: batch.coldStart.slice(0, length),
    packets: batch.packets.slice(0, length),
    frame_bytes: batch.frameBytes.slice(0, length),
    dns_name: batch.dnsName.slice(0, length),
    tls_server_name: batch.tlsServerName.slice(0, length),
    ja4: batch.ja4.slice(0, length),
    source_name: batch.sourceName.slice(0, length),
    destination_name: batch.destinationName.slice(0, length),
  };
  FEATURE_COLUMNS.forEach((feature, k) => {
    const column = new Float32Array(length);
    for (let row = 0; row < length; row++) column[row] = batch.features[row * width + k];
    columns[feature.name] = column;
  });
  return { length, columns };
}
