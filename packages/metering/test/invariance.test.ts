import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, udp } from './support/packets.ts';
import { Bench, type RecordCopy } from './support/records.ts';

interface Frame {
  readonly time: number;
  readonly source: number;
  readonly destination: number;
  readonly isTcp: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: number;
}

const frames = fc.array(
  fc.record<Frame>({
    time: fc.oneof({ weight: 5, arbitrary: fc.nat(3000) }, { weight: 1, arbitrary: fc.nat(400_000) }),
    source: fc.integer({ min: 1, max: 3 }),
    destination: fc.integer({ min: 1, max: 3 }),
    isTcp: fc.boolean(),
    flags: fc.nat(31),
    sequence: fc.nat(300),
    payload: fc.nat(100),
  }),
  { minLength: 1, maxLength: 60 },
);

const HOSTS = 4;

/** A frame; mirrored, with the hosts renamed so that higher addresses and ports become lower ones. */
function bytesOf(frame: Frame, mirrored: boolean): number[] {
  const [from, to] = [frame.source, frame.destination].map((host) => (mirrored ? HOSTS - host : host));
  const { flags, sequence, payload } = frame;
  const body = frame.isTcp
    ? tcp(1000 + from, 1000 + to, { flags, sequence, payload })
    : udp(1000 + from, 1000 + to, Array<number>(payload).fill(0));
  return ethernet(0x0800, ipv4(`10.0.0.${from}`, `10.0.0.${to}`, frame.isTcp ? 6 : 17, body));
}

const LARGEST_CHUNK = 512;
const reused = new Uint8Array(LARGEST_CHUNK);
const pool = Buffer.alloc(LARGEST_CHUNK + 100);

/** Memory as sources hand it over: of its own, one array used again and again, a Buffer that lies within a larger one. */
function chunkFor(k: number, length: number): Uint8Array {
  if (k % 3 === 0) return new Uint8Array(length);
  return k % 3 === 1 ? reused : pool.subarray(k % 100, (k % 100) + length);
}

/** Times in milliseconds are gaps, so that most traffic is in order. */
function play(list: readonly Frame[], mirrored = false, handOver: 'exact' | 'odd' = 'exact'): readonly RecordCopy[] {
  const bench = new Bench({ unansweredTimeoutSeconds: 20, activeTimeoutSeconds: 100 });
  let milliseconds = 0;
  list.forEach((frame, k) => {
    milliseconds += frame.time;
    const bytes = Uint8Array.from(bytesOf(frame, mirrored));
    const seconds = Math.floor(milliseconds / 1000);
    const nanoseconds = (milliseconds % 1000) * 1e6;
    if (handOver === 'exact') {
      bench.meter.packet(1, seconds, nanoseconds, bytes, 0, bytes.length, bytes.length);
      return;
    }
    // The frame somewhere in a larger buffer, as a chunk of a pipe holds it, and time reported in between.
    const offset = (k * 7) % 13;
    const chunk = chunkFor(k, bytes.length + 40);
    chunk.fill(0x45).set(bytes, offset);
    bench.meter.advanceTo(Math.floor(seconds / 2), 0);
    bench.meter.advanceTo(seconds, nanoseconds);
    bench.meter.packet(1, seconds, nanoseconds, chunk, offset, bytes.length, bytes.length);
  });
  return bench.finish();
}

function view(records: readonly RecordCopy[], mirrored = false): unknown[] {
  const nameOf = (address: string): number => {
    const host = Number(address.split('.')[3]);
    return mirrored ? HOSTS - host : host;
  };
  return records.map(({ source, destination, time, end, age, features }) => ({
    ends: [nameOf(source), nameOf(destination)],
    time,
    end,
    age,
    features,
  }));
}

describe('records', () => {
  it('do not depend on how packets are handed over', () => {
    fc.assert(
      fc.property(frames, (list) => {
        expect(view(play(list, false, 'odd'))).toEqual(view(play(list)));
      }),
      { numRuns: 60, seed: 20_260_105 },
    );
  });

  it('do not depend on which endpoint has the higher address and port', () => {
    fc.assert(
      fc.property(frames, (list) => {
        expect(view(play(list, true), true)).toEqual(view(play(list)));
      }),
      { numRuns: 60, seed: 20_260_106 },
    );
  });

  it('account for every packet and byte once', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const flows = play(list).filter((record) => record.fields.isFinal);
        const packets = flows.reduce((n, { fields }) => n + fields.forwardPackets + fields.backwardPackets, 0);
        const bytes = flows.reduce((n, { fields }) => n + fields.forwardFrameBytes + fields.backwardFrameBytes, 0);
        expect([packets, bytes]).toEqual([
          list.length,
          list.reduce((sum, frame) => sum + bytesOf(frame, false).length, 0),
        ]);
      }),
      { numRuns: 60, seed: 20_260_107 },
    );
  });

  it('come in the order of their instants', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const times = play(list).map((record) => record.time);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
      { numRuns: 60, seed: 20_260_108 },
    );
  });
});
