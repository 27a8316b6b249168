import type { Label } from '@edgeguard/contracts';
import {
  FLAG_ESTABLISHED,
  FLAG_FIN_BACKWARD,
  FLAG_FIN_FORWARD,
  FLAG_MID_STREAM,
  FLAG_RST_BACKWARD,
  FLAG_RST_FORWARD,
  FLAG_SYN_BACKWARD,
  FLAG_SYN_FORWARD,
} from '../flow-table/flow-layout.ts';
import { PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../wire/tcp.ts';
import { CoreFlowRecord } from './core-flow.ts';
import { parseAddress } from './parse-address.ts';
import { hasPorts } from './ports.ts';

const BILLION = 1_000_000_000n;
/** Last instant that int64 nanoseconds hold. */
const LATEST = 2n ** 63n - 1n;

/**
 * What every flow source can tell of a finished bidirectional flow. The source is the initiator as the sensor saw it;
 * forward is from source to destination.
 */
export interface SensorFlow {
  readonly sensor: string;
  /** The sensor's own name of the flow: Zeek's `uid`, Suricata's `flow_id`; `''` where it has none. */
  readonly sensorId: string;
  /** First and last packet, nanoseconds since the Unix epoch. */
  readonly start: bigint;
  readonly end: bigint;
  /** Canonical text of the addresses. */
  readonly srcIp: string;
  readonly dstIp: string;
  /** 0 where the protocol has none; for ICMP the sensor's own convention. */
  readonly srcPort: number;
  readonly dstPort: number;
  /** IP protocol number, 0 where the sensor does not tell. */
  readonly protocol: number;
  readonly forwardPackets: number;
  readonly backwardPackets: number;
  /** Bytes of IP packets, headers included. */
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  /** TCP flags seen in each direction (RFC 9293), combined by OR; undefined where the sensor does not tell. */
  readonly forwardTcpFlags: number | undefined;
  readonly backwardTcpFlags: number | undefined;
  /** Application protocol as the sensor names it, `''` where unknown. */
  readonly service: string;
  /** The sensor looked at one of so many packets; counts are of those that it saw. 1 is every packet. */
  readonly sampling: number;
  /** Ground truth where the log carries it. */
  readonly label: { readonly label: Label; readonly attack: string } | undefined;
}

/**
 * A sensor's flow in the form that all sources share. Packets and bytes of a sampled flow are multiplied by the sampling
 * rate: what was seen is the best estimate of what was there.
 *
 * @throws UserError for an address that is none
 */
export function coreFlowOfSensor(from: SensorFlow): CoreFlowRecord {
  const flow = new CoreFlowRecord();
  flow.sensor = from.sensor;
  flow.sensorId = from.sensorId;
  flow.service = from.service;
  flow.label = from.label?.label;
  flow.attack = from.label?.attack ?? '';
  parseAddress(from.srcIp, flow.addressWords, 0);
  parseAddress(from.dstIp, flow.addressWords, 4);
  flow.protocol = from.protocol;
  if (hasPorts(from.protocol)) {
    flow.sourcePort = from.srcPort;
    flow.destinationPort = from.dstPort;
  }
  const start = within(from.start);
  const end = within(from.end > from.start ? from.end : from.start);
  flow.startSeconds = Number(start / BILLION);
  flow.startNanoseconds = Number(start % BILLION);
  flow.endSeconds = Number(end / BILLION);
  flow.endNanoseconds = Number(end % BILLION);
  flow.duration = Number(end - start) / 1e9;
  flow.forwardPackets = from.forwardPackets * from.sampling;
  flow.backwardPackets = from.backwardPackets * from.sampling;
  flow.forwardBytes = from.forwardBytes * from.sampling;
  flow.backwardBytes = from.backwardBytes * from.sampling;
  flow.connection = connectionOf(from);
  return flow;
}

function within(time: bigint): bigint {
  return time < 0n ? 0n : time > LATEST ? LATEST : time;
}

/** What the flags of both directions say of a TCP connection, in the terms in which the meter follows one. */
function connectionOf(flow: SensorFlow): number {
  if (flow.protocol !== PROTOCOL_TCP) return 0;
  const { forwardTcpFlags: forward, backwardTcpFlags: backward, forwardPackets, backwardPackets } = flow;
  if (forward === undefined || backward === undefined) {
    // Only whether there was an answer is known.
    return backwardPackets > 0 ? FLAG_SYN_FORWARD | FLAG_SYN_BACKWARD | FLAG_ESTABLISHED : FLAG_SYN_FORWARD;
  }
  let connection = 0;
  const isMidStream = ((forward | backward) & TCP_SYN) === 0;
  if (isMidStream) connection |= FLAG_MID_STREAM;
  if ((forward & TCP_SYN) !== 0) connection |= FLAG_SYN_FORWARD;
  if ((backward & TCP_SYN) !== 0) connection |= FLAG_SYN_BACKWARD;
  if ((forward & TCP_FIN) !== 0) connection |= FLAG_FIN_FORWARD;
  if ((backward & TCP_FIN) !== 0) connection |= FLAG_FIN_BACKWARD;
  if ((forward & TCP_RST) !== 0) connection |= FLAG_RST_FORWARD;
  if ((backward & TCP_RST) !== 0) connection |= FLAG_RST_BACKWARD;
  const shookHands = (forward & backward & TCP_SYN) !== 0 && (forward & TCP_ACK) !== 0;
  // The acknowledgment of a lone RST is none of data.
  const talked = isMidStream && forwardPackets > 0 && backwardPackets > 0 && (backward & TCP_RST) === 0;
  if (shookHands || talked) connection |= FLAG_ESTABLISHED;
  return connection;
}
