import type { Address } from '../wire/address.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { fold, wordSum } from '../wire/checksum.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/frame-writer.ts';

const TCP_HEADER = 20;
const UDP_HEADER = 8;

/** The beginning of a SYN, as an ICMP error quotes it: IP header and eight bytes (RFC 792). */
export function quoteSyn(source: Address, destination: Address, sourcePort: number, port: number): Uint8Array {
  return quote(source, destination, PROTOCOL_TCP, TCP_HEADER, (bytes) => bytes.u16(sourcePort, port).u32(0));
}

/** The beginning of a UDP datagram without checksum. */
export function quoteDatagram(
  source: Address,
  destination: Address,
  sourcePort: number,
  port: number,
  payloadLength: number,
): Uint8Array {
  const length = UDP_HEADER + payloadLength;
  return quote(source, destination, PROTOCOL_UDP, length, (bytes) => bytes.u16(sourcePort, port, length, 0));
}

function quote(
  source: Address,
  destination: Address,
  protocol: number,
  length: number,
  transport: (bytes: ByteBuilder) => ByteBuilder,
): Uint8Array {
  const bytes = new ByteBuilder()
    .u8(0x45, 0)
    .u16(20 + length, 0, 0)
    .u8(source.ttl, protocol)
    .u16(0);
  const quoted = transport(bytes.raw(source.bytes).raw(destination.bytes)).build();
  const checksum = ~fold(wordSum(quoted, 0, 20));
  quoted[10] = checksum >> 8;
  quoted[11] = checksum;
  return quoted;
}
