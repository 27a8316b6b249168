import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLogger } from '@edgeguard/contracts/stage';
import { openDetector } from '@edgeguard/detection';
import { synthesizeCapture } from '@edgeguard/sources';
import { beforeAll, describe, expect, it } from 'vitest';
import { detect, type DetectSummary, type FlowLogSource, openLineOutput, type TrafficSource } from '../src/index.ts';
import { Message, set, v5, v9 } from '../../sources/test/netflow/messages.ts';
import { appendLines, connLogOf, writeLines } from './conn-log.ts';
import { coreZScoreDetector, zScoreDetector } from './z-score-detector.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-flow-logs-'));
const capture = join(folder, 'attacks.pcap');
const log = join(folder, 'conn.log');
const ATTACKS = [{ kind: 'port-scan', start: 60, duration: 20 }];
let detectorBytes: Uint8Array;
let lines: string[];

beforeAll(async () => {
  detectorBytes = await coreZScoreDetector();
  await synthesizeCapture({ seed: 103, durationSeconds: 150, attacks: ATTACKS }, capture);
  lines = await connLogOf(capture);
  writeLines(log, lines);
});

interface Found {
  readonly summary: DetectSummary;
  readonly events: Event[];
}

interface Event {
  readonly flow_id: number;
  readonly src_ip: string;
  readonly src_port?: number;
  readonly dest_ip: string;
  readonly dest_port?: number;
  readonly proto: string;
  readonly alert: { readonly context: { readonly edgeguard: { readonly score: number; readonly sensor?: object } } };
}

/** A UDP port that nobody uses. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Waits for something that another part of this process or the kernel is about to do. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 1000; tries++) await setTimeout(20);
}

/** True while this process has the file open. */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

/** True when no datagram waits for the reader of a port of 127.0.0.1. */
function isDrained(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/udp', 'utf8').split('\n');
  const row = rows.map((line) => line.trim().split(/\s+/)).find((cells) => cells[1] === address);
  // Bytes to be sent, a colon, bytes to be read.
  return row?.[4]?.endsWith(':00000000') ?? false;
}

let runs = 0;

/** @param said takes what is logged */
async function look(
  source: TrafficSource,
  signal?: AbortSignal,
  bytes: Uint8Array = detectorBytes,
  said: string[] = [],
): Promise<Found> {
  const detector = await openDetector(bytes, { engine: 'reference' });
  const path = join(folder, `alerts-${runs++}`);
  const output = openLineOutput(path);
  const say = (text: string) => void said.push(text);
  try {
    const summary = await detect({
      detector,
      source,
      outputs: [{ lines: output, format: 'eve' }],
      log: Object.assign(createLogger('detect', 'silent'), { info: say, warn: say }),
      alerting: { tell: 'each' },
      signal: signal ?? new AbortController().signal,
    });
    output.close();
    return { summary, events: eventsIn(path) };
  } finally {
    detector.dispose();
  }
}

function eventsIn(path: string): Event[] {
  const text = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return text.map((line) => JSON.parse(line) as Event);
}

const logs = (change: Partial<FlowLogSource> = {}): FlowLogSource => {
  return { kind: 'flow-logs', paths: [log], format: 'auto', merge: true, follow: false, ...change };
};
const tuples = (events: readonly Event[]) =>
  events.map((e) => `${e.proto} ${e.src_ip} ${e.src_port} ${e.dest_ip} ${e.dest_port}`);

describe('a detector of flow-core', () => {
  it('raises the same alerts on a capture and on the log of its flows', async () => {
    const packets = await look({ kind: 'captures', paths: [capture], merge: false });
    const flows = await look(logs());
    expect(packets.events.length).toBeGreaterThan(50);
    expect(tuples(flows.events)).toEqual(tuples(packets.events));
    flows.events.forEach((event, k) => {
      const [score, other] = [event, packets.events[k]!].map((e) => e.alert.context.edgeguard.score);
      expect(score! / other!).toBeCloseTo(1, 2);
    });
    expect(flows.summary.flows).toBe(lines.length);
    expect(flows.summary.scored).toBe(packets.summary.scored);
    expect(flows.summary.packets).toBe(packets.summary.packets);
  });

  it('keeps the name that the sensor gave to a flow', async () => {
    const { events } = await look(logs());
    const uids = new Map(
      lines.map((line) => {
        const flow = JSON.parse(line) as Record<string, unknown>;
        return [flow['uid'], `${String(flow['id.orig_h'])} ${String(flow['id.orig_p'])}`];
      }),
    );
    for (const { alert, src_ip, src_port } of events) {
      const { name, uid } = alert.context.edgeguard.sensor as { name: string; uid: string };
      expect(name).toBe('zeek');
      expect(uids.get(uid)).toBe(`${src_ip} ${src_port ?? 0}`);
    }
    const packets = await look({ kind: 'captures', paths: [capture], merge: false });
    expect(packets.events[0]!.alert.context.edgeguard.sensor).toBeUndefined();
  });

  it('gives an alert on a flow of Suricata its flow_id', async () => {
    const eve = Array.from({ length: 3 }, (_, k) => ({
      event_type: 'flow',
      flow_id: 1_234_567_890_123_456 + k,
      src_ip: '10.0.0.9',
      src_port: 50_000 + k,
      dest_ip: '203.0.113.5',
      dest_port: 31_337,
      proto: 'TCP',
      flow: {
        pkts_toserver: 90_000_000,
        pkts_toclient: 1,
        bytes_toserver: 1e12,
        bytes_toclient: 60,
        start: '2026-01-05T10:00:00.000000+0000',
        end: '2026-01-05T10:00:00.250000+0000',
      },
      tcp: { tcp_flags_ts: '02', tcp_flags_tc: '14' },
    }));
    const path = join(folder, 'eve.json');
    writeFileSync(path, eve.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const { events } = await look(logs({ paths: [path] }));
    expect(events.map(({ flow_id }) => flow_id)).toEqual(eve.map(({ flow_id }) => flow_id));
  });

  it('follows a log through a rotation and finds the same', async () => {
    const path = join(folder, 'live.log');
    const half = lines.length >> 1;
    writeLines(path, lines.slice(0, half));
    const end = new AbortController();
    const found = look(logs({ paths: [path], format: 'zeek', follow: true }), end.signal);
    await until(() => isOpen(path));
    renameSync(path, join(folder, 'live.log.1'));
    writeLines(path, lines.slice(half, half + 10));
    await until(() => isOpen(path));
    appendLines(path, lines.slice(half + 10));
    // Several looks at the log, also on a busy machine.
    await setTimeout(1500);
    end.abort();
    const { events, summary } = await found;
    expect(summary.flows).toBe(lines.length);
    expect(summary.interrupted).toBe(false);
    const whole = await look(logs());
    // Flows wait for others a shorter time than in a file, so that a window may differ and with it a score at the border.
    const [live, file] = [new Set(tuples(events)), new Set(tuples(whole.events))];
    const common = [...live].filter((tuple) => file.has(tuple)).length;
    expect(common / Math.max(live.size, file.size)).toBeGreaterThan(0.9);
  });

  it('hears NetFlow until it is told to end', async () => {
    const port = await freePort();
    const end = new AbortController();
    const said: string[] = [];
    const found = look({ kind: 'netflow', port }, end.signal, detectorBytes, said);
    const sender = createSocket('udp4');
    await until(() => said.some((text) => text.startsWith('listening')));
    const unreadable = v9(1, set(300, new Message().u32(1)));
    for (const message of [...[0, 1, 2, 3, 6].map((sequence) => v5(sequence, 100)), unreadable]) {
      await new Promise((sent) => sender.send(message, port, '127.0.0.1', sent));
    }
    await until(() => isDrained(port));
    sender.close();
    end.abort();
    await found;
    expect(said.slice(1)).toEqual([
      `port ${port}: 1 sets came before their template and could not be read`,
      `port ${port}: 2 messages or flows are missing by their serial numbers`,
    ]);
    const { summary } = await found;
    // Each says the same: 12 packets of one direction, one of a hundred looked at.
    expect(summary.flows).toBe(5);
    expect(summary.packets).toBe(5 * 1200);
    expect(summary.scored).toBe(5);
  });

  it('takes several logs as one stream or each by itself', async () => {
    const parts = [join(folder, 'part-1.log'), join(folder, 'part-2.log')];
    writeLines(parts[0]!, lines.slice(0, lines.length >> 1));
    writeLines(parts[1]!, lines.slice(lines.length >> 1));
    const merged = await look(logs({ paths: parts }));
    expect(tuples(merged.events)).toEqual(tuples((await look(logs())).events));
    const apart = await look(logs({ paths: parts, merge: false }));
    expect(apart.summary.flows).toBe(merged.summary.flows);
    expect(apart.summary.trafficSeconds).not.toBe(merged.summary.trafficSeconds);
  });

  it('does not look at what it was not made for, and the other way round', async () => {
    const ofPackets = await zScoreDetector();
    await expect(look(logs(), undefined, ofPackets)).rejects.toThrow(/flow logs/);
    await expect(look(logs({ paths: ['a', 'b'], format: 'zeek', follow: true }))).rejects.toThrow(/one log/);
    await expect(look(logs({ follow: true }))).rejects.toThrow(/format/);
    await expect(look(logs({ paths: [capture] }))).rejects.toThrow(/no flow log/);
  });
});
