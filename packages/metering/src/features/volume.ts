import { asymmetry, bytes, count, deviation, family, quotient, seconds } from './feature.ts';
import type { FlowRecord } from '../records/flow-record.ts';

/** Rates of flows shorter than this would only measure the clock. */
const SHORTEST_FOR_RATE = 1e-3;

function packets(r: FlowRecord): number {
  return r.forwardPackets + r.backwardPackets;
}

function ipBytes(r: FlowRecord): number {
  return r.forwardBytes + r.backwardBytes;
}

export const VOLUME = family('volume', [
  seconds(1e-3, {
    name: 'duration',
    description: 'time from the first to the latest packet',
    formula: 'last packet - first packet',
    shows: 'slow HTTP, tunnels, long-lived command channels',
    value: (r) => r.duration,
  }),
  count('packet', {
    name: 'forward_packets',
    description: 'packets from the source',
    formula: 'count',
    shows: 'floods, uploads',
    value: (r) => r.forwardPackets,
  }),
  count('packet', {
    name: 'backward_packets',
    description: 'packets from the destination',
    formula: 'count',
    shows: 'downloads, amplification',
    value: (r) => r.backwardPackets,
  }),
  bytes({
    name: 'forward_bytes',
    description: 'IP bytes from the source, headers included',
    formula: 'sum of IP total lengths',
    shows: 'exfiltration, floods',
    value: (r) => r.forwardBytes,
  }),
  bytes({
    name: 'backward_bytes',
    description: 'IP bytes from the destination, headers included',
    formula: 'sum of IP total lengths',
    shows: 'downloads by an implant, amplification',
    value: (r) => r.backwardBytes,
  }),
  bytes({
    name: 'forward_payload_bytes',
    description: 'bytes behind the transport headers from the source',
    formula: 'sum of payload lengths',
    shows: 'exfiltration; empty connections of scans',
    value: (r) => r.forwardPayloadBytes,
  }),
  bytes({
    name: 'backward_payload_bytes',
    description: 'bytes behind the transport headers from the destination',
    formula: 'sum of payload lengths',
    shows: 'data answered to a probe; banners',
    value: (r) => r.backwardPayloadBytes,
  }),
  {
    name: 'packet_rate',
    description: 'packets per second, both directions',
    formula: 'packets / max(duration, 1 ms)',
    shows: 'floods',
    kind: 'count',
    unit: '{packet}/s',
    range: [0, null],
    value: (r) => packets(r) / Math.max(r.duration, SHORTEST_FOR_RATE),
  },
  {
    name: 'byte_rate',
    description: 'IP bytes per second, both directions',
    formula: 'bytes / max(duration, 1 ms)',
    shows: 'floods, bulk transfers',
    kind: 'bytes',
    unit: 'By/s',
    range: [0, null],
    value: (r) => ipBytes(r) / Math.max(r.duration, SHORTEST_FOR_RATE),
  },
]);

export const ASYMMETRY = family('asymmetry', [
  {
    name: 'packet_asymmetry',
    description: 'which side sent more packets: 1 only the source, -1 only the destination',
    formula: '(forward - backward) / (forward + backward) packets',
    shows: 'floods and probes that nobody answers',
    kind: 'ratio',
    unit: '1',
    range: [-1, 1],
    value: (r) => asymmetry(r.forwardPackets, r.backwardPackets),
  },
  {
    name: 'byte_asymmetry',
    description: 'which side sent more bytes: 1 only the source, -1 only the destination',
    formula: '(forward - backward) / (forward + backward) IP bytes',
    shows: 'exfiltration, amplification',
    kind: 'ratio',
    unit: '1',
    range: [-1, 1],
    value: (r) => asymmetry(r.forwardBytes, r.backwardBytes),
  },
]);

export const PACKET_SIZES = family('packet-size', [
  bytes({
    name: 'forward_size_mean',
    description: 'mean size of IP packets from the source',
    formula: 'forward bytes / forward packets; 0 without packets',
    shows: 'tunnelling, floods of minimal packets',
    value: (r) => quotient(r.forwardBytes, r.forwardPackets),
  }),
  bytes({
    name: 'forward_size_deviation',
    description: 'standard deviation of the size of IP packets from the source',
    formula: 'population standard deviation; 0 for fewer than 2 packets',
    shows: 'machine-made traffic of equal packets',
    value: (r) => deviation(r.forwardPackets, r.forwardBytes, r.forwardSizeSquares),
  }),
  bytes({
    name: 'forward_size_max',
    description: 'largest IP packet from the source',
    formula: 'maximum; 0 without packets',
    shows: 'DNS tunnelling, oversized requests',
    value: (r) => r.forwardSizeMax,
  }),
  bytes({
    name: 'backward_size_mean',
    description: 'mean size of IP packets from the destination',
    formula: 'backward bytes / backward packets; 0 without packets',
    shows: 'amplification, tunnelling',
    value: (r) => quotient(r.backwardBytes, r.backwardPackets),
  }),
  bytes({
    name: 'backward_size_deviation',
    description: 'standard deviation of the size of IP packets from the destination',
    formula: 'population standard deviation; 0 for fewer than 2 packets',
    shows: 'machine-made traffic of equal packets',
    value: (r) => deviation(r.backwardPackets, r.backwardBytes, r.backwardSizeSquares),
  }),
  bytes({
    name: 'backward_size_max',
    description: 'largest IP packet from the destination',
    formula: 'maximum; 0 without packets',
    shows: 'amplification',
    value: (r) => r.backwardSizeMax,
  }),
]);
