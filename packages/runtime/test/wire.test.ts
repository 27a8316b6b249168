import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowMeter, type PacketSink } from '@edgeguard/metering';
import { CaptureDecoder, captureInterface, readCapture, synthesizeCapture } from '@edgeguard/sources';
import { type CapturedFrame, FrameKeeper, RECEIVER, VirtualWire, whyNoWire } from './virtual-wire.ts';
import { METERING } from './z-score-detector.ts';

const capture = join(mkdtempSync(join(tmpdir(), 'edgeguard-wire-')), 'all.pcap');
let expected: SeenRecord[];

beforeAll(async () => {
  // Whole frames: what is replayed over a wire cannot be cut.
  await synthesizeCapture(
    { seed: 104, durationSeconds: 120, snapLength: 2048, attacks: [{ kind: 'port-scan', start: 30, duration: 20 }] },
    capture,
  );
  expected = await recordsFrom((sink) => readCapture(capture, sink));
});

/** Everything of a record that a model or an alert can see, times included. */
interface SeenRecord {
  readonly ends: string;
  readonly time: number;
  readonly ageClass: number;
  readonly features: Buffer;
}

async function recordsFrom(read: (sink: PacketSink) => unknown): Promise<SeenRecord[]> {
  const records: SeenRecord[] = [];
  const meter = new FlowMeter(METERING, {
    record: (r) => {
      records.push({
        ends: `${r.sourceAddress}:${r.sourcePort} ${r.destinationAddress}:${r.destinationPort} ${r.protocol}`,
        time: r.timeSeconds + r.timeNanoseconds / 1e9,
        ageClass: r.ageClass,
        features: Buffer.from(r.features.slice().buffer),
      });
    },
  });
  await read(meter);
  meter.finish();
  return records;
}

describe('the same packets give the same feature vectors, byte for byte', () => {
  it('there are enough of them to mean something', () => {
    expect(expected.length).toBeGreaterThan(300);
    expect(new Set(expected.map(({ features }) => features.toString('hex'))).size).toBeGreaterThan(200);
  });

  it.each([3, 1021, 65_537])('from a pipe in chunks of %i bytes', async (size) => {
    const bytes = readFileSync(capture);
    expect(await recordsFrom((sink) => decode(sink, chunksOf(bytes, size)))).toEqual(expected);
  });
});

function decode(sink: PacketSink, chunks: Iterable<Uint8Array>): void {
  const decoder = new CaptureDecoder(sink, 'pipe');
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const noWire = whyNoWire();

describe.skipIf(noWire)(`live over a virtual wire${noWire}`, () => {
  let wire: VirtualWire;
  beforeAll(() => {
    wire = new VirtualWire();
  });
  afterAll(() => wire.remove());

  it('gives the same feature vectors, once packets have the times of the file', async () => {
    const original = new FrameKeeper();
    await readCapture(capture, original);
    const live = await replay(wire, original.frames);
    expect(live.length).toBe(original.frames.length);
    const records = await recordsFrom((sink) => {
      live.forEach(({ linkType, bytes, wireLength }, i) => {
        const { seconds, nanoseconds } = original.frames[i]!;
        sink.packet(linkType, seconds, nanoseconds, bytes, 0, bytes.length, wireLength);
      });
    });
    expect(records).toEqual(expected);
  });
});

const BATCH = 500;

/** Sends frames over the wire and captures them at its other end. */
async function replay(wire: VirtualWire, frames: readonly CapturedFrame[]): Promise<CapturedFrame[]> {
  const keeper = new FrameKeeper();
  const stop = new AbortController();
  const report = captureInterface(RECEIVER, keeper, { program: wire.tcpdump(), signal: stop.signal });
  // tcpdump says on a terminal alone when it listens: a frame that nobody meters tells.
  const ready = Uint8Array.from({ length: 60 }, (_, i) => (i === 12 ? 0x88 : i === 13 ? 0xb5 : 0xff));
  while (keeper.frames.length === 0) {
    await wire.send([ready]);
    await setTimeout(100);
  }
  await setTimeout(200);
  const before = keeper.frames.length;
  // So few at a time that they fit into the kernel's buffer while this process, or tcpdump, is kept from running.
  for (let sent = 0; sent < frames.length; sent += BATCH) {
    const batch = frames.slice(sent, sent + BATCH);
    await wire.send(batch.map(({ bytes }) => bytes));
    const due = before + sent + batch.length;
    for (let wait = 0; wait < 500 && keeper.frames.length < due; wait++) await setTimeout(10);
  }
  stop.abort();
  const { kernel } = await report;
  expect(kernel.droppedByKernel).toBe(0);
  return keeper.frames.slice(before);
}
