import { PcapWriter } from '@edgeguard/sources/captures';

const LINKTYPE_ETHERNET = 1;
const FRAME = 54;
const SOURCE_ADDRESS = 26;
const SOURCE_PORT = 34;
const SEQUENCE = 38;
const NANOSECONDS_BETWEEN = 10_000;
const START = 1_700_000_000;

/** Ethernet, IPv4 to 192.168.1.1, TCP SYN to port 443. */
const SYN = Buffer.from(
  '020000000001020000000002' +
    '0800' +
    '450000280000000040060000' +
    '00000000c0a80101' +
    '000001bb0000000000000000' +
    '5002ffff00000000',
  'hex',
);

/**
 * Builds a capture of a SYN flood with made-up sources at 100,000 packets a second: every packet is a flow of its own (but for
 * the few sources that come twice).
 */
export function buildFloodCapture(path: string, packets: number): void {
  const writer = new PcapWriter(path, { linkType: LINKTYPE_ETHERNET, snapLength: FRAME, nanoseconds: false });
  const frame = new Uint8Array(SYN);
  const view = new DataView(frame.buffer);
  // Xorshift (Marsaglia 2003): any start but 0.
  let state = 12_345;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
  for (let k = 0; k < packets; k++) {
    view.setInt32(SOURCE_ADDRESS, random());
    view.setInt16(SOURCE_PORT, random());
    view.setInt32(SEQUENCE, random());
    const nanoseconds = k * NANOSECONDS_BETWEEN;
    const seconds = Math.floor(nanoseconds / 1e9);
    writer.packet(LINKTYPE_ETHERNET, START + seconds, nanoseconds - seconds * 1e9, frame, 0, FRAME, FRAME);
  }
  writer.commit();
}
