import {
  KEY_HIGH,
  KEY_LOW,
  KEY_META,
  KEY_PORTS,
  isVersion6,
  protocolOf,
  tunnelOf,
  vlanOf,
} from '../flow-table/flow-key.ts';
import {
  DN_FIRST,
  DN_FRAME_BYTES,
  DN_GAP_MAX,
  DN_GAP_SQUARES,
  DN_IP_BYTES,
  DN_LAST,
  DN_PACKETS,
  DN_PAYLOAD_BYTES,
  DN_PAYLOAD_PACKETS,
  DN_SIZE_SQUARES,
  DN_STRIDE,
  D_FIN,
  D_GAPS,
  D_LATE,
  D_PUSH,
  D_RETRANSMITTED,
  D_RST,
  D_SIZE_MAX,
  D_STRIDE,
  D_SYN,
  D_UNSEEN,
  D_ZERO_WINDOW,
  FLAG_REVERSED,
  FLAG_SOURCE_IS_HIGH,
  N_FIRST,
  N_FLOW_ID,
  N_IDLE,
  N_LAST,
  N_RESPONSE,
  W_CONTEXT,
  W_FIRST_ICMP,
  W_FLAGS,
  W_FRAGMENTS,
  W_ICMP_ERRORS,
  W_ODD_FLAGS,
} from '../flow-table/flow-layout.ts';
import type { TrafficClock } from '../clock.ts';
import type { RecordTable } from '../flow-table/record-table.ts';
import { icmpOfSource } from './community-id.ts';
import type { FlowRecord } from './flow-record.ts';

const SECOND = 1e9;
const ADDRESS_WORDS = 4;

/** Copies a flow's identity and measurements from the table into a record, as of the relative time `now`. */
export function fillRecord(
  record: FlowRecord,
  table: RecordTable,
  slot: number,
  clock: TrafficClock,
  now: number,
): void {
  const { words, numbers } = table;
  const base = slot * table.wordStride;
  const nbase = slot * table.numberStride;
  fillIdentity(record, words, base);

  const first = numbers[nbase + N_FIRST];
  record.flowId = numbers[nbase + N_FLOW_ID];
  record.timeSeconds = clock.secondsOf(now);
  record.timeNanoseconds = clock.nanosecondsOf(now);
  record.startSeconds = clock.secondsOf(first);
  record.startNanoseconds = clock.nanosecondsOf(first);
  record.duration = (numbers[nbase + N_LAST] - first) / SECOND;
  const response = numbers[nbase + N_RESPONSE];
  record.responseTime = response > 0 ? response / SECOND : 0;
  record.idleTime = numbers[nbase + N_IDLE] / SECOND;

  const f = base;
  const b = base + D_STRIDE;
  record.forwardSizeMax = words[f + D_SIZE_MAX];
  record.backwardSizeMax = words[b + D_SIZE_MAX];
  record.forwardSyn = words[f + D_SYN];
  record.backwardSyn = words[b + D_SYN];
  record.fin = words[f + D_FIN] + words[b + D_FIN];
  record.forwardRst = words[f + D_RST];
  record.backwardRst = words[b + D_RST];
  record.push = (words[f + D_PUSH] >>> 0) + (words[b + D_PUSH] >>> 0);
  record.retransmitted = words[f + D_RETRANSMITTED] + words[b + D_RETRANSMITTED];
  record.late = words[f + D_LATE] + words[b + D_LATE];
  record.unseen = words[f + D_UNSEEN] + words[b + D_UNSEEN];
  record.gaps = words[f + D_GAPS] + words[b + D_GAPS];
  record.zeroWindow = words[f + D_ZERO_WINDOW] + words[b + D_ZERO_WINDOW];

  const nf = nbase;
  const nb = nbase + DN_STRIDE;
  record.forwardPackets = numbers[nf + DN_PACKETS];
  record.backwardPackets = numbers[nb + DN_PACKETS];
  record.forwardPayloadPackets = numbers[nf + DN_PAYLOAD_PACKETS];
  record.backwardPayloadPackets = numbers[nb + DN_PAYLOAD_PACKETS];
  record.forwardFrameBytes = numbers[nf + DN_FRAME_BYTES];
  record.backwardFrameBytes = numbers[nb + DN_FRAME_BYTES];
  record.forwardBytes = numbers[nf + DN_IP_BYTES];
  record.backwardBytes = numbers[nb + DN_IP_BYTES];
  record.forwardPayloadBytes = numbers[nf + DN_PAYLOAD_BYTES];
  record.backwardPayloadBytes = numbers[nb + DN_PAYLOAD_BYTES];
  record.forwardSizeSquares = numbers[nf + DN_SIZE_SQUARES];
  record.backwardSizeSquares = numbers[nb + DN_SIZE_SQUARES];
  record.forwardDuration = (numbers[nf + DN_LAST] - numbers[nf + DN_FIRST]) / SECOND;
  record.backwardDuration = (numbers[nb + DN_LAST] - numbers[nb + DN_FIRST]) / SECOND;
  record.forwardGapSquares = numbers[nf + DN_GAP_SQUARES];
  record.backwardGapSquares = numbers[nb + DN_GAP_SQUARES];
  record.forwardGapMax = numbers[nf + DN_GAP_MAX] / SECOND;
  record.backwardGapMax = numbers[nb + DN_GAP_MAX] / SECOND;

  record.flags = words[base + W_FLAGS];
  record.icmp = icmpOfSource(record.protocol, words[base + W_FIRST_ICMP], (record.flags & FLAG_REVERSED) !== 0);
  record.fragments = words[base + W_FRAGMENTS];
  record.icmpErrors = words[base + W_ICMP_ERRORS];
  record.oddFlags = words[base + W_ODD_FLAGS];
  record.networkDirection = words[base + W_CONTEXT];
}

function fillIdentity(record: FlowRecord, words: Int32Array, base: number): void {
  const high = (words[base + W_FLAGS] & FLAG_SOURCE_IS_HIGH) !== 0;
  const source = base + (high ? KEY_HIGH : KEY_LOW);
  const destination = base + (high ? KEY_LOW : KEY_HIGH);
  for (let k = 0; k < ADDRESS_WORDS; k++) {
    record.addressWords[k] = words[source + k];
    record.addressWords[ADDRESS_WORDS + k] = words[destination + k];
  }
  const ports = words[base + KEY_PORTS];
  record.sourcePort = high ? ports & 0xffff : ports >>> 16;
  record.destinationPort = high ? ports >>> 16 : ports & 0xffff;
  const meta = words[base + KEY_META];
  record.protocol = protocolOf(meta);
  record.ipVersion = isVersion6(meta) ? 6 : 4;
  record.tunnel = tunnelOf(meta);
  record.vlan = vlanOf(meta);
}
