import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, ethernet, ipv4, tcp, udp } from './support/packets.ts';
import { Bench } from './support/records.ts';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';

interface Turn {
  /** Milliseconds since the packet before. */
  readonly gap: number;
  readonly fromClient: boolean;
  readonly payload: number;
}

const turns = fc.array(fc.record<Turn>({ gap: fc.nat(3000), fromClient: fc.boolean(), payload: fc.nat(400) }), {
  minLength: 1,
  maxLength: 40,
});

/**
 * Features of one conversation. Its first two packets, one from each side and alike in size and time, say who is the
 * initiator; in all later ones the sides may be exchanged.
 */
function converse(list: readonly Turn[], isTcp: boolean, exchanged: boolean): Readonly<Record<string, number>> {
  const bench = new Bench({ earlyRecords: false });
  let milliseconds = 0;
  const next = [1, 1];
  const opening: Turn[] = [
    { gap: 0, fromClient: !exchanged, payload: 10 },
    { gap: 0, fromClient: exchanged, payload: 10 },
  ];
  for (const { gap, fromClient, payload } of [...opening, ...list]) {
    milliseconds += gap;
    const isForward = fromClient !== exchanged;
    const side = isForward ? 0 : 1;
    const ports: [number, number] = isForward ? [40_000, 50_000] : [50_000, 40_000];
    const body = isTcp
      ? tcp(...ports, { flags: ACK, sequence: next[side], payload })
      : udp(...ports, Array<number>(payload).fill(0));
    next[side] += payload;
    const [from, to] = isForward ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const bytes = Uint8Array.from(ethernet(0x0800, ipv4(from, to, isTcp ? 6 : 17, body)));
    const time = [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6] as const;
    bench.meter.packet(1, ...time, bytes, 0, bytes.length, bytes.length);
  }
  const flows = bench.flows();
  expect(flows).toHaveLength(1);
  return flows[0].features;
}

/** The feature that a feature becomes when the sides are exchanged; undefined where only one side has it. */
function mirrorOf(name: string, features: Readonly<Record<string, number>>): string | undefined {
  const mirror = name.replace(/^(forward|backward)_/, (side) => (side === 'forward_' ? 'backward_' : 'forward_'));
  return mirror in features ? mirror : undefined;
}

describe('a conversation with its sides exchanged', () => {
  it.each([
    ['UDP', false],
    ['TCP under way', true],
  ])('has mirrored features: %s', (_, isTcp) => {
    fc.assert(
      fc.property(turns, (list) => {
        const features = converse(list, isTcp, false);
        const exchanged = converse(list, isTcp, true);
        const mirrored: Record<string, number> = {};
        const seen: Record<string, number> = {};
        for (const [name, value] of Object.entries(features)) {
          const mirror = mirrorOf(name, features);
          // Bytes that the source sent are no longer the same; nothing else of the windows has a side.
          if (mirror === undefined || name === 'source_bytes_10min') continue;
          mirrored[mirror] = name.endsWith('_asymmetry') ? 0 - value : value;
          seen[mirror] = exchanged[mirror];
        }
        expect(Object.keys(mirrored).length).toBeGreaterThan(50);
        expect(seen).toEqual(mirrored);
      }),
      { numRuns: 100, seed: 20_260_110 },
    );
  });
});
