import type { DecodedPacket } from '../wire/decoded-packet.ts';
import { isIcmpReply } from '../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from '../wire/ip-protocol.ts';
import { TCP_ACK, TCP_SYN } from '../wire/tcp.ts';
import { FLAG_MID_STREAM, FLAG_REVERSED, FLAG_SOURCE_IS_HIGH } from './flow-layout.ts';

/**
 * The flags that a flow's first packet decides. The sender of the first packet is the source, unless the packet is an
 * answer (SYN-ACK, ICMP reply): then its receiver is.
 */
export function firstFlags(packet: DecodedPacket, sourceIsHigh: boolean): number {
  let flags = 0;
  let reversed = false;
  if (packet.protocol === PROTOCOL_TCP) {
    const synAck = packet.tcpFlags & (TCP_SYN | TCP_ACK);
    reversed = synAck === (TCP_SYN | TCP_ACK);
    if ((synAck & TCP_SYN) === 0) flags |= FLAG_MID_STREAM;
  } else if (packet.protocol === PROTOCOL_ICMP || packet.protocol === PROTOCOL_ICMPV6) {
    reversed = isIcmpReply(packet);
  }
  if (reversed) flags |= FLAG_REVERSED;
  return sourceIsHigh === reversed ? flags : flags | FLAG_SOURCE_IS_HIGH;
}
