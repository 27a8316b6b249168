import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PacketSink } from '@edgeguard/metering';

/** The two ends of the wire inside the namespace. */
const SENDER = 'eg-a';
export const RECEIVER = 'eg-b';

/** Empty where packets can be sent over a virtual wire here, else why not, for a test's title. */
export function whyNoWire(): string {
  if (process.platform !== 'linux') return ' (skipped: network namespaces are a thing of Linux)';
  if (process.getuid?.() !== 0) return ' (skipped: network namespaces need root)';
  for (const program of ['ip', 'tcpdump']) {
    if (spawnSync('which', [program]).status !== 0) return ` (skipped: ${program} is not installed)`;
  }
  const name = `eg-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return ' (skipped: network namespaces are not permitted)';
  spawnSync('ip', ['netns', 'delete', name]);
  return '';
}

/** A pair of connected interfaces in a network namespace of its own, in which nobody else speaks. */
export class VirtualWire {
  readonly namespace = `eg-wire-${process.pid}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.namespace]);
    const run = (...command: string[]): void => {
      execFileSync(command[0]!, command.slice(1), { stdio: 'ignore' });
    };
    run(...this.inside('sysctl', '-w', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'));
    run(...this.inside('ip', 'link', 'add', SENDER, 'type', 'veth', 'peer', 'name', RECEIVER));
    for (const end of [SENDER, RECEIVER]) {
      run(...this.inside('ip', 'link', 'set', end, 'arp', 'off', 'mtu', '9000', 'up'));
    }
  }

  /** A command that runs inside. */
  inside(...command: string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...command];
  }

  /** Path of a program that is tcpdump inside. */
  tcpdump(): string {
    const path = join(mkdtempSync(join(tmpdir(), 'edgeguard-wire-')), 'tcpdump');
    writeFileSync(path, `#!/bin/sh\nexec ${this.inside('tcpdump').join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Sends frames from the one end to the other. */
  async send(frames: readonly Uint8Array[]): Promise<void> {
    const [program, ...args] = this.inside(process.execPath, join(import.meta.dirname, 'send-frames.mjs'), SENDER);
    const child = spawn(program!, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    for (const frame of frames) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      child.stdin.write(length);
      child.stdin.write(frame);
    }
    child.stdin.end();
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`frames were not sent: ${errors}`);
  }

  remove(): void {
    spawnSync('ip', ['netns', 'delete', this.namespace]);
  }
}

/** A frame as it was captured. */
export interface CapturedFrame {
  readonly linkType: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** Keeps every frame. */
export class FrameKeeper implements PacketSink {
  readonly frames: CapturedFrame[] = [];

  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void {
    this.frames.push({
      linkType,
      seconds,
      nanoseconds,
      bytes: bytes.slice(offset, offset + capturedLength),
      wireLength,
    });
  }
}
