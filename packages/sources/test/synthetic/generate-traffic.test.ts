import { createHash } from 'node:crypto';
import type { PacketSink } from '@edgeguard/metering';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeAttacks,
  describeServices,
  generateTraffic,
  LabelMatcher,
  readCapture,
  type SyntheticOptions,
  type SyntheticResult,
  synthesizeCapture,
} from '../../src/index.ts';
import { checkingSink, type ParsedFrame } from '../support/frame-checks.ts';

const EVERY_ATTACK = describeAttacks().map(({ name }, i) => ({
  kind: name,
  start: 30 + 30 * i,
  duration: name === 'worm' ? 120 : 30,
}));
const SHORT: SyntheticOptions = {
  seed: 11,
  durationSeconds: 600,
  hosts: 20,
  activity: 1.5,
  attacks: EVERY_ATTACK,
  snapLength: 2048,
};

/** A digest of everything that a sink is told. */
function digestingSink(): PacketSink & { digest(): string } {
  const hash = createHash('sha256');
  return {
    packet(linkType, seconds, nanoseconds, bytes, offset, captured, wire) {
      hash.update(`${linkType} ${seconds} ${nanoseconds} ${captured} ${wire} `);
      hash.update(bytes.subarray(offset, offset + captured));
    },
    digest: () => hash.digest('hex'),
  };
}

async function framesOf(options: SyntheticOptions): Promise<ParsedFrame[]> {
  const frames: ParsedFrame[] = [];
  await generateTraffic(
    options,
    checkingSink((frame) => frames.push(frame)),
  );
  return frames;
}

let folder: string;
let short: { frames: ParsedFrame[]; arp: number; result: SyntheticResult };
beforeAll(async () => {
  const frames: ParsedFrame[] = [];
  const sink = checkingSink((frame) => frames.push(frame));
  const result = await generateTraffic(SHORT, sink);
  short = { frames, arp: sink.arp, result };
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-synthetic-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('generateTraffic', () => {
  it('gives the same packets for the same seed and others for another', async () => {
    const digests: string[] = [];
    for (const seed of [5, 5, 6]) {
      const sink = digestingSink();
      await generateTraffic({ ...SHORT, seed }, sink);
      digests.push(sink.digest());
    }
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it('gives the same packets through a file as straight', async () => {
    const straight = digestingSink();
    const filed = digestingSink();
    const path = join(folder, 'same.pcap');
    const result = await generateTraffic(SHORT, straight);
    await synthesizeCapture(SHORT, path);
    const report = await readCapture(path, filed);
    expect(filed.digest()).toBe(straight.digest());
    expect(report).toMatchObject({ packets: result.packets, wireBytes: result.wireBytes, truncated: undefined });
  });

  it('cuts frames at the snapshot length but keeps their length on the wire', async () => {
    const lengths = { captured: 0, wire: 0 };
    const sink: PacketSink = {
      packet(_linkType, _seconds, _nanoseconds, _bytes, _offset, captured, wire) {
        expect(captured).toBe(Math.min(wire, 96));
        lengths.captured += captured;
        lengths.wire += wire;
      },
    };
    const cut = await generateTraffic({ ...SHORT, snapLength: 96 }, sink);
    expect(lengths.wire).toBe(short.result.wireBytes);
    expect(cut.packets).toBe(short.result.packets);
    expect(lengths.captured).toBeLessThan(lengths.wire);
  });

  it('makes frames in time order with valid lengths and checksums', () => {
    // The sink has checked lengths and checksums.
    const { frames, arp, result } = short;
    expect(frames.length + arp).toBe(result.packets);
    expect(arp).toBeGreaterThan(0);
    expect(frames.length).toBeGreaterThan(5000);
    expect(frames.findIndex(({ time }, i) => i > 0 && time < frames[i - 1].time)).toBe(-1);
  });

  it('keeps sequence and acknowledgement numbers right in every TCP connection', async () => {
    interface Direction {
      next: number;
      start: number;
      gaps: number;
    }
    const directions = new Map<string, Direction>();
    let connections = 0;
    let retransmitted = 0;
    let late = 0;
    let unseen = 0;
    for (const frame of await framesOf({ ...SHORT, attacks: 'none' })) {
      if (frame.protocol !== 6) continue;
      const key = `${frame.source} ${frame.sourcePort} ${frame.destination} ${frame.destinationPort}`;
      const reverse = directions.get(
        `${frame.destination} ${frame.destinationPort} ${frame.source} ${frame.sourcePort}`,
      );
      const [fin, syn, rst, ack] = [1, 2, 4, 16].map((bit) => (frame.flags & bit) !== 0);
      const length = frame.payloadLength + (syn ? 1 : 0) + (fin ? 1 : 0);
      if (syn) {
        if (!directions.has(key)) connections++;
        directions.set(key, { next: (frame.sequence + 1) >>> 0, start: frame.sequence, gaps: 0 });
      } else if (!(rst && !directions.has(key))) {
        const direction = directions.get(key);
        if (direction === undefined) throw new Error(`${key} begins without SYN`);
        const ahead = (frame.sequence - direction.next) | 0;
        if (ahead > 0) late++;
        if (ahead < 0 && length > 0) retransmitted++;
        direction.next = ahead + length > 0 ? (frame.sequence + length) >>> 0 : direction.next;
      }
      if (ack && reverse !== undefined) {
        // Nothing is acknowledged that the sensor has not seen.
        if (((frame.acknowledgement - reverse.next) | 0) > 0) unseen++;
      }
    }
    expect(unseen).toBe(0);
    expect(connections).toBeGreaterThan(200);
    expect(retransmitted).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(connections / 5);
  });

  it('has all its services, in clear shares of the traffic', async () => {
    const ports = new Set<number>();
    const result = await generateTraffic(
      { seed: 2, durationSeconds: 7200, attacks: 'none' },
      {
        packet(_l, _s, _n, bytes, offset) {
          if (bytes[offset + 12] === 8 && bytes[offset + 13] === 0) {
            ports.add((bytes[offset + 36] << 8) | bytes[offset + 37]);
          }
        },
      },
    );
    for (const port of [22, 53, 80, 123, 443, 631, 1883, 5004]) expect(ports).toContain(port);
    const begun = [...result.conversations.keys()];
    const rare = ['backup', 'update', 'upload', 'streaming', 'printing', 'dhcp', 'guest'];
    const frequent = describeServices().map(({ name }) => name);
    expect(begun).toEqual(expect.arrayContaining(frequent.filter((name) => !rare.includes(name))));
    expect(result.refused).toBe(0);
    expect(result.rules).toEqual([]);
  });

  it('follows the hours of the day', async () => {
    const at = async (startTime: number) =>
      (await generateTraffic({ seed: 3, startTime, durationSeconds: 7200, attacks: 'none' }, { packet() {} })).packets;
    const midnight = 1_705_276_800;
    expect(await at(midnight + 19 * 3600)).toBeGreaterThan(4 * (await at(midnight + 2 * 3600)));
  });

  it('refuses options out of range by name', async () => {
    const generate = (options: Partial<SyntheticOptions>) => generateTraffic({ seed: 1, ...options }, { packet() {} });
    await expect(generate({ hosts: 0 })).rejects.toThrow(/hosts: 0 is out of range; give a number from 1/);
    await expect(generate({ seed: 1.5 })).rejects.toThrow(/seed: 1\.5 is not a whole number/);
    await expect(generate({ durationSeconds: NaN })).rejects.toThrow(/durationSeconds: NaN is out of range/);
    await expect(generate({ attacks: [{ kind: 'flod', start: 0 }] })).rejects.toThrow(
      /no attack 'flod'; choose one of/,
    );
    await expect(generate({ attacks: [{ kind: 'syn-flood', start: -1 }] })).rejects.toThrow(/attacks\[0\]\.start/);
  });
});

describe('labels of generated traffic', () => {
  it('mark every attack, in four states', () => {
    const { frames } = short;
    const matcher = new LabelMatcher(short.result.rules);
    const counts: Record<string, number> = {};
    for (const frame of frames) {
      const at = BigInt(Math.round(frame.time * 1e6)) * 1000n;
      const { source, destination, sourcePort, destinationPort, protocol } = frame;
      const { label, attack } = matcher.match(source, destination, sourcePort, destinationPort, protocol, at, at);
      counts[`${label} ${attack}`] = (counts[`${label} ${attack}`] ?? 0) + 1;
      const outsider = [source, destination].some((ip) => /^(203\.0\.113|192\.0\.2|198\.19)\./.test(ip));
      expect(outsider && label === 'normal').toBe(false);
    }
    const inFlows = EVERY_ATTACK.map(({ kind }) => kind).filter((kind) => kind !== 'arp-spoofing');
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(inFlows.map((kind) => `attack ${kind}`)));
    expect(Object.keys(counts)).toEqual(
      expect.arrayContaining(['normal ', 'collateral udp-flood', 'collateral arp-spoofing', 'unknown worm']),
    );
    expect(counts['normal ']).toBeGreaterThan(frames.length / 4);
  });

  it('belong to attacks that leave the normal conversations as they are', async () => {
    const key = ({ time, protocol, source, destination, payloadLength }: ParsedFrame) =>
      `${time.toFixed(6)} ${protocol} ${source} ${destination} ${payloadLength}`;
    const withAttacks = new Set(short.frames.map(key));
    const without = await framesOf({ ...SHORT, attacks: 'none' });
    expect(without.filter((frame) => !withAttacks.has(key(frame)))).toEqual([]);
  });

  it('become stronger with intensity', async () => {
    const count = async (intensity: number) => {
      const attacks = [{ kind: 'syn-flood', start: 5, duration: 20, intensity }];
      return (
        await generateTraffic({ seed: 1, durationSeconds: 60, hosts: 1, activity: 0.01, attacks }, { packet() {} })
      ).packets;
    };
    const [once, thrice] = [await count(1), await count(3)];
    expect(thrice / once).toBeGreaterThan(2.5);
    expect(thrice / once).toBeLessThan(3.5);
  });
});

describe('synthesizeCapture', () => {
  it('leaves nothing behind when it is interrupted', async () => {
    const controller = new AbortController();
    const path = join(folder, 'interrupted', 'x.pcap');
    await expect(synthesizeCapture(SHORT, path)).rejects.toThrow(/x\.pcap: no such file or folder/);
    const stopped = join(folder, 'stopped.pcap');
    const result = await synthesizeCapture({ ...SHORT, durationSeconds: 20_000 }, stopped, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(result.interrupted).toBe(true);
    expect(existsSync(stopped)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});
