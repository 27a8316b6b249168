import {
  FLAG_ESTABLISHED,
  FLAG_FIN_BACKWARD,
  FLAG_FIN_FORWARD,
  FLAG_MID_STREAM,
  FLAG_RST_BACKWARD,
  FLAG_RST_FORWARD,
  FLAG_SYN_BACKWARD,
} from '../flow-table/flow-layout.ts';
import type { FlowRecord } from '../records/flow-record.ts';
import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { category } from './category.ts';
import { count, family, flag, quotient, share } from './feature.ts';

/** Where a TCP connection stands. Code 1 is the first name. */
export const TCP_STATES = [
  'not-tcp',
  'unanswered',
  'half-open',
  'rejected',
  'established',
  'closing',
  'closed',
  'reset',
  'mid-stream',
] as const;

type TcpState = (typeof TCP_STATES)[number];

const BOTH_FIN = FLAG_FIN_FORWARD | FLAG_FIN_BACKWARD;
const ANY_RST = FLAG_RST_FORWARD | FLAG_RST_BACKWARD;

function tcpState(r: FlowRecord): TcpState {
  if (r.protocol !== PROTOCOL_TCP) return 'not-tcp';
  const { flags } = r;
  const established = (flags & FLAG_ESTABLISHED) !== 0;
  const answered = (flags & FLAG_SYN_BACKWARD) !== 0;
  const midStream = (flags & FLAG_MID_STREAM) !== 0;
  if ((flags & ANY_RST) !== 0) return established || answered || midStream ? 'reset' : 'rejected';
  if ((flags & BOTH_FIN) === BOTH_FIN) return 'closed';
  if ((flags & BOTH_FIN) !== 0) return 'closing';
  if (midStream) return 'mid-stream';
  if (established) return 'established';
  return answered ? 'half-open' : 'unanswered';
}

function packets(r: FlowRecord): number {
  return r.forwardPackets + r.backwardPackets;
}

export const CONNECTION = family('connection', [
  category(TCP_STATES, {
    name: 'tcp_state',
    description: 'where the TCP connection stands',
    formula: 'from the SYN, ACK, FIN and RST flags of both directions',
    shows: 'scans (rejected, unanswered), SYN floods (half-open), resets',
    value: (r) => TCP_STATES.indexOf(tcpState(r)) + 1,
  }),
  flag({
    name: 'unanswered',
    description: 'whether the destination has sent nothing',
    formula: 'backward packets = 0',
    shows: 'scans of absent hosts, spoofed floods',
    value: (r) => r.backwardPackets === 0,
  }),
  flag({
    name: 'mid_stream',
    description: 'whether the sensor missed the start of the TCP connection',
    formula: 'first packet without SYN',
    shows: 'ACK scans, traffic injected into connections',
    value: (r) => (r.flags & FLAG_MID_STREAM) !== 0,
  }),
  count('packet', {
    name: 'syn_packets',
    description: 'TCP packets with SYN, both directions',
    formula: 'count',
    shows: 'SYN floods, retried probes',
    value: (r) => r.forwardSyn + r.backwardSyn,
  }),
  count('packet', {
    name: 'rst_packets',
    description: 'TCP packets with RST, both directions',
    formula: 'count',
    shows: 'rejected probes, torn connections',
    value: (r) => r.forwardRst + r.backwardRst,
  }),
  share({
    name: 'retransmitted_share',
    description: 'share of packets whose TCP segment brought nothing new',
    formula: 'segments that end at or before the highest sequence number seen / packets',
    shows: 'loss by overload, evasion by overlapping data',
    value: (r) => quotient(r.retransmitted, packets(r)),
  }),
  count('packet', {
    name: 'zero_window_packets',
    description: 'TCP packets that announced a receive window of zero',
    formula: 'count, without SYN and RST',
    shows: 'slow-read denial of service',
    value: (r) => r.zeroWindow,
  }),
  count('packet', {
    name: 'odd_flag_packets',
    description: 'TCP packets with flags that no TCP sends',
    formula: 'no flag at all, SYN with FIN or RST, FIN without ACK',
    shows: 'NULL, FIN and Xmas scans',
    value: (r) => r.oddFlags,
  }),
  count('packet', {
    name: 'fragments',
    description: 'packets that were IP fragments',
    formula: 'count',
    shows: 'fragment floods, evasion by fragments',
    value: (r) => r.fragments,
  }),
]);
