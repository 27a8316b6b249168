import type { PacketSink } from '@edgeguard/metering';

/** What a test reads from an Ethernet frame; written for the tests, sharing no code with generator or meter. */
export interface ParsedFrame {
  time: number;
  protocol: number;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  payloadLength: number;
}

/**
 * Checks lengths and checksums of whole frames and passes on what they say.
 *
 * @throws Error for a frame with a wrong length or checksum
 */
export function checkingSink(onFrame: (frame: ParsedFrame) => void): PacketSink & { arp: number } {
  return {
    arp: 0,
    packet(linkType, seconds, nanoseconds, bytes, offset, captured, wire) {
      if (linkType !== 1 || captured !== wire) throw new Error('not a whole Ethernet frame');
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset, captured);
      const etherType = view.getUint16(12);
      if (etherType === 0x0806) {
        this.arp++;
        return;
      }
      const isIpv4 = etherType === 0x0800;
      const transport = isIpv4 ? 34 : 54;
      const end = isIpv4 ? 14 + view.getUint16(16) : 54 + view.getUint16(18);
      if (end > captured || (captured > 60 && end !== captured)) throw new Error(`length ${captured}, IP says ${end}`);
      if (isIpv4 && sum(view, 14, 34, 0) !== 0xffff) throw new Error('IPv4 checksum');
      const protocol = view.getUint8(isIpv4 ? 23 : 20);
      const [from, to] = isIpv4 ? [26, 34] : [22, 54];
      const pseudo = protocol === 1 ? 0 : sum(view, from, to, protocol + end - transport);
      if (sum(view, transport, end, pseudo) !== 0xffff) throw new Error(`checksum of protocol ${protocol}`);
      const isTcp = protocol === 6;
      const hasPorts = isTcp || protocol === 17;
      if (protocol === 17 && view.getUint16(transport + 4) !== end - transport) throw new Error('UDP length');
      const middle = from + (to - from) / 2;
      onFrame({
        time: seconds + nanoseconds / 1e9,
        protocol,
        source: address(view, from, middle),
        destination: address(view, middle, to),
        sourcePort: hasPorts ? view.getUint16(transport) : 0,
        destinationPort: hasPorts ? view.getUint16(transport + 2) : 0,
        sequence: isTcp ? view.getUint32(transport + 4) : 0,
        acknowledgement: isTcp ? view.getUint32(transport + 8) : 0,
        flags: isTcp ? view.getUint8(transport + 13) : 0,
        payloadLength: end - transport - (isTcp ? (view.getUint8(transport + 12) >> 4) * 4 : 8),
      });
    },
  };
}

function sum(view: DataView, from: number, to: number, start: number): number {
  let total = start;
  for (let i = from; i < to; i++) total += view.getUint8(i) << ((i - from) % 2 === 0 ? 8 : 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 65536);
  return total;
}

function address(view: DataView, from: number, to: number): string {
  const parts: string[] = [];
  if (to - from === 4) for (let i = from; i < to; i++) parts.push(String(view.getUint8(i)));
  else for (let i = from; i < to; i += 2) parts.push(view.getUint16(i).toString(16));
  return parts.join(to - from === 4 ? '.' : ':');
}
