import { WindowValues } from '../windows/window-values.ts';
import { formatAddress } from './address.ts';
import { communityId } from './community-id.ts';

/** Seconds of traffic time after which the windows that matter most are full. */
const COLD_SECONDS = 600;

/**
 * One emitted record. The meter reuses a single object: read it during the call, copy what you keep. The source is the
 * initiator; forward is from source to destination. Durations are in seconds, sizes in bytes.
 */
export class FlowRecord {
  /** Serial number of the flow, from 1, the same in all its records. */
  flowId = 0;
  /** Code of an age class, see `AGE_CLASSES`. */
  ageClass = 0;
  /** Code of an end reason, see `END_REASONS`; 0 where the flow goes on. */
  endReason = 0;
  /** True for the last record of a flow: the one that counts as the flow. */
  isFinal = false;

  /** Source and destination as four words each, IPv4 in the IPv4-mapped form. */
  readonly addressWords = new Int32Array(8);
  /** 4 or 6. */
  ipVersion = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** IP protocol number. */
  protocol = 0;
  /** ICMP type and code of the source's messages, (type << 8) | code; 0 for other protocols. */
  icmp = 0;
  vlan = 0;
  /** Code of a tunnel, see `TUNNEL_NAMES`. */
  tunnel = 0;

  /** Instant of emission: whole seconds since the epoch, and nanoseconds. */
  timeSeconds = 0;
  timeNanoseconds = 0;
  /** First packet. */
  startSeconds = 0;
  startNanoseconds = 0;
  /** From the first to the last packet. */
  duration = 0;

  forwardPackets = 0;
  backwardPackets = 0;
  /** Bytes of the frames as on the wire, link-layer headers included. */
  forwardFrameBytes = 0;
  backwardFrameBytes = 0;
  /** Bytes of the IP packets, IP headers included. */
  forwardBytes = 0;
  backwardBytes = 0;
  /** Bytes behind the transport headers. */
  forwardPayloadBytes = 0;
  backwardPayloadBytes = 0;
  /** Packets with payload. */
  forwardPayloadPackets = 0;
  backwardPayloadPackets = 0;
  /** Sums of squared IP packet sizes. */
  forwardSizeSquares = 0;
  backwardSizeSquares = 0;
  forwardSizeMax = 0;
  backwardSizeMax = 0;
  /** From the first to the last packet of the direction. */
  forwardDuration = 0;
  backwardDuration = 0;
  /** Sums of squared gaps between packets of the direction. */
  forwardGapSquares = 0;
  backwardGapSquares = 0;
  forwardGapMax = 0;
  backwardGapMax = 0;
  /** From the first forward to the first backward packet; 0 without an answer. */
  responseTime = 0;
  /** Sum of pauses longer than a second. */
  idleTime = 0;

  /** The table's flags, see `flow-layout.ts`. */
  flags = 0;
  forwardSyn = 0;
  backwardSyn = 0;
  fin = 0;
  forwardRst = 0;
  backwardRst = 0;
  push = 0;
  /** TCP segments that brought nothing new. */
  retransmitted = 0;
  /** TCP segments that filled a gap: reordered, or sent again after a loss before the sensor. */
  late = 0;
  /** TCP segments that jumped over bytes that were not seen. */
  gaps = 0;
  /** Acknowledgments of bytes that the sensor has not seen. */
  unseen = 0;
  zeroWindow = 0;
  oddFlags = 0;
  fragments = 0;
  icmpErrors = 0;
  /** Code of a network direction, see `NETWORK_DIRECTIONS`. */
  networkDirection = 0;

  /** Context for people, empty where it is not known; see `context/traffic-context.ts`. Never a model input. */
  dnsName = '';
  tlsServerName = '';
  ja4 = '';
  sourceName = '';
  destinationName = '';

  readonly windows = new WindowValues();
  /** The model inputs in schema order; empty where the meter computes none. */
  features = new Float32Array(0);

  /** True while the windows are still filling: their counts are low for want of a past. No model input. */
  get coldStart(): boolean {
    return this.windows.sensorAge < COLD_SECONDS;
  }

  get sourceAddress(): string {
    return formatAddress(this.addressWords, 0);
  }

  get destinationAddress(): string {
    return formatAddress(this.addressWords, 4);
  }

  /** Community ID, version 1: the flow's name in other tools. */
  get communityId(): string {
    return communityId({ ...this, addresses: this.addressWords, at: 0 });
  }
}

/** Takes records as flows live and end. */
export interface FlowSink {
  /** One record, reused by the next call. */
  record(record: FlowRecord): void;
}
