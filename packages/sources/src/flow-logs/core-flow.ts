import type { FlowLabel } from '../labels/label-matcher.ts';

/** Whose record it is. */
export const SENSORS = ['zeek', 'suricata', 'netflow', 'ipfix'] as const;
export type Sensor = (typeof SENSORS)[number];

/**
 * What every flow source can tell of a finished bidirectional flow. The source is the initiator as the sensor saw it;
 * forward is from source to destination.
 */
export interface CoreFlow {
  readonly sensor: Sensor;
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
  readonly label: FlowLabel | undefined;
}

/** Takes flows one by one, in the order of the source. */
export type CoreFlowSink = (flow: CoreFlow) => void;
