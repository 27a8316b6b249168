import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLayers } from '../src/wire/decode.ts';
import { DecodedPacket } from '../src/wire/decoded-packet.ts';
import { decodePlain } from '../src/wire/plain.ts';
import { ACK, ETHERNET, ethernet, ipv4, tcp, udp } from './support/packets.ts';

const ENDS = { from: '10.0.0.1', to: '10.0.0.2', fromPort: 40_000, toPort: 443 };
const SEGMENT = ethernet(
  0x0800,
  ipv4(ENDS.from, ENDS.to, 6, tcp(40_000, 443, { flags: ACK, sequence: 7, acknowledgment: 9, payload: 3 })),
);
const DATAGRAM = ethernet(0x0800, ipv4(ENDS.from, ENDS.to, 17, udp(40_000, 53, [1, 2, 3])));
/** In front of each frame, so that an offset is not forgotten. */
const GAP = 3;

function start(frame: readonly number[], cut: number, padding: number): DecodedPacket {
  const bytes = Uint8Array.from([...Array.from({ length: GAP }, () => 0xff), ...frame, 9, 9, 9, 9]);
  const packet = new DecodedPacket();
  packet.start(bytes, GAP, frame.length - cut + padding, frame.length + padding);
  return packet;
}

/** All numbers that are found in a frame. */
function fields(packet: DecodedPacket): object {
  return Object.fromEntries(Object.entries(packet).filter(([, value]) => typeof value === 'number'));
}

describe('plain frames decoded at once', () => {
  it.each([
    ['TCP', SEGMENT],
    ['UDP', DATAGRAM],
  ])('takes %s, and nothing that was cut inside the headers', (_, frame) => {
    expect(decodePlain(start(frame, 0, 0))).toBe(true);
    expect(decodePlain(start(frame, 0, 4))).toBe(true);
    expect(decodePlain(start(frame, 4, 0))).toBe(false);
  });

  it('leaves UDP on the ports of tunnels to the decoders of these', () => {
    for (const port of [4789, 8472, 6081, 2152, 5247, 37_008]) {
      for (const ports of [udp(port, 9, [1]), udp(9, port, [1])]) {
        expect(decodePlain(start(ethernet(0x0800, ipv4(ENDS.from, ENDS.to, 17, ports)), 0, 0)), `${port}`).toBe(false);
      }
    }
  });

  it('gives what decoding layer by layer gives, whatever bytes are changed', () => {
    let plain = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(SEGMENT, DATAGRAM),
        fc.array(fc.tuple(fc.nat(61), fc.nat(255)), { maxLength: 3 }),
        fc.nat(6),
        fc.nat(4),
        (frame, changes, cut, padding) => {
          const changed = frame.slice();
          for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
          const packet = start(changed, cut, cut > 0 ? 0 : padding);
          const layered = start(changed, cut, cut > 0 ? 0 : padding);
          const isPlain = decodePlain(packet);
          if (isPlain) plain++;
          // A frame of another kind is left as it was.
          const skip = isPlain ? decodeLayers(layered, ETHERNET, true) : 0;
          expect([skip, fields(packet)]).toEqual([0, fields(layered)]);
        },
      ),
      { numRuns: 3000, seed: 11 },
    );
    expect(plain).toBeGreaterThan(500);
  });
});
