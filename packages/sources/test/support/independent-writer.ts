/** Writes captures with DataView only, sharing no code with the readers that are tested against it. */

export interface WrittenPacket {
  seconds: number;
  nanoseconds: number;
  bytes: Uint8Array;
  wireLength: number;
}

export interface PcapShape {
  bigEndian: boolean;
  nano: boolean;
  modified: boolean;
  linkType: number;
}

export function writePcap(shape: PcapShape, packets: readonly WrittenPacket[]): Uint8Array {
  const little = !shape.bigEndian;
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, shape.modified ? 0xa1b2cd34 : shape.nano ? 0xa1b23c4d : 0xa1b2c3d4, little);
  header.setUint16(4, 2, little);
  header.setUint16(6, 4, little);
  header.setUint32(16, 0x40000, little);
  header.setUint32(20, shape.linkType, little);
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)];
  for (const packet of packets) {
    const record = new DataView(new ArrayBuffer(shape.modified ? 24 : 16));
    record.setUint32(0, packet.seconds, little);
    record.setUint32(
      4,
      shape.nano && !shape.modified ? packet.nanoseconds : Math.floor(packet.nanoseconds / 1000),
      little,
    );
    record.setUint32(8, packet.bytes.length, little);
    record.setUint32(12, packet.wireLength, little);
    parts.push(new Uint8Array(record.buffer), packet.bytes);
  }
  return join(parts);
}

/** One block with its padding and both lengths. */
export function block(little: boolean, type: number, body: Uint8Array): Uint8Array {
  const padded = Math.ceil(body.length / 4) * 4;
  const view = new DataView(new ArrayBuffer(12 + padded));
  view.setUint32(0, type, little);
  view.setUint32(4, 12 + padded, little);
  new Uint8Array(view.buffer).set(body, 8);
  view.setUint32(8 + padded, 12 + padded, little);
  return new Uint8Array(view.buffer);
}

export function sectionHeader(little: boolean): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, 0x1a2b3c4d, little);
  body.setUint16(4, 1, little);
  body.setBigInt64(8, -1n, little);
  return block(little, 0x0a0d0d0a, new Uint8Array(body.buffer));
}

/** An interface description with if_name (skipped by readers), if_tsresol and if_tsoffset. */
export function interfaceDescription(
  little: boolean,
  linkType: number,
  resolution: number,
  offset: bigint,
): Uint8Array {
  const body = new DataView(new ArrayBuffer(8 + 12 + 8 + 12 + 4));
  body.setUint16(0, linkType, little);
  body.setUint32(4, 0, little);
  body.setUint16(8, 2, little);
  body.setUint16(10, 5, little);
  new Uint8Array(body.buffer).set(new TextEncoder().encode('wlan0'), 12);
  body.setUint16(20, 9, little);
  body.setUint16(22, 1, little);
  body.setUint8(24, resolution);
  body.setUint16(28, 14, little);
  body.setUint16(30, 8, little);
  body.setBigInt64(32, offset, little);
  return block(little, 1, new Uint8Array(body.buffer));
}

export function enhancedPacket(little: boolean, index: number, units: bigint, packet: WrittenPacket): Uint8Array {
  const padded = Math.ceil(packet.bytes.length / 4) * 4;
  // A comment option behind the packet data.
  const body = new DataView(new ArrayBuffer(20 + padded + 12));
  body.setUint32(0, index, little);
  body.setUint32(4, Number(units >> 32n), little);
  body.setUint32(8, Number(units & 0xffffffffn), little);
  body.setUint32(12, packet.bytes.length, little);
  body.setUint32(16, packet.wireLength, little);
  new Uint8Array(body.buffer).set(packet.bytes, 20);
  body.setUint16(20 + padded, 1, little);
  body.setUint16(22 + padded, 4, little);
  return block(little, 6, new Uint8Array(body.buffer));
}

export function obsoletePacket(little: boolean, index: number, units: bigint, packet: WrittenPacket): Uint8Array {
  const body = new DataView(new ArrayBuffer(20 + packet.bytes.length));
  body.setUint16(0, index, little);
  body.setUint16(2, 0xffff, little);
  body.setUint32(4, Number(units >> 32n), little);
  body.setUint32(8, Number(units & 0xffffffffn), little);
  body.setUint32(12, packet.bytes.length, little);
  body.setUint32(16, packet.wireLength, little);
  new Uint8Array(body.buffer).set(packet.bytes, 20);
  return block(little, 2, new Uint8Array(body.buffer));
}

export function simplePacket(little: boolean, bytes: Uint8Array): Uint8Array {
  const body = new DataView(new ArrayBuffer(4 + bytes.length));
  body.setUint32(0, bytes.length, little);
  new Uint8Array(body.buffer).set(bytes, 4);
  return block(little, 3, new Uint8Array(body.buffer));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
