import type { Label } from '@edgeguard/contracts';

/** A flow of packets that EdgeGuard metered itself. */
export const PACKETS = 'packets';

/**
 * A finished bidirectional flow with what packets, Zeek, Suricata, NetFlow and IPFIX can all tell of one. The source is
 * the initiator; forward is from source to destination. Made by {@link coreFlowOf} or {@link coreFlowOfSensor}.
 */
export class CoreFlowRecord {
  /** Whose flow it is: `packets`, `zeek`, `suricata`, `netflow`, `ipfix`. */
  sensor = PACKETS;
  /** The sensor's own name of the flow: `uid`, `flow_id`; `''` where it has none. */
  sensorId = '';
  /** Application protocol as the sensor names it, `''` where unknown. No model input: not every source has it. */
  service = '';
  /** The file that it came from. */
  origin = '';
  /** Ground truth where the source carries it. */
  label: Label | undefined = undefined;
  attack = '';

  /** Source and destination as four words each, IPv4 in the IPv4-mapped form. */
  readonly addressWords = new Int32Array(8);
  /** 0 where the protocol has no ports. */
  sourcePort = 0;
  destinationPort = 0;
  /** IP protocol number. */
  protocol = 0;

  /** First and last packet: whole seconds since the epoch, and nanoseconds. */
  startSeconds = 0;
  startNanoseconds = 0;
  endSeconds = 0;
  endNanoseconds = 0;
  /** From the first to the last packet, in seconds. */
  duration = 0;

  forwardPackets = 0;
  backwardPackets = 0;
  /** Bytes of IP packets, IP headers included. */
  forwardBytes = 0;
  backwardBytes = 0;
  /** What is known of the TCP connection: FLAG_* of the flow table. */
  connection = 0;
}
