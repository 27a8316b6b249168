import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureInterface, PcapWriter } from '../../src/index.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { hasTool } from '../support/tools.ts';

const HAS_TCPDUMP = hasTool('tcpdump');

/** Whether this user may capture: a capture on loopback that ends at once. */
function mayCapture(): boolean {
  if (!HAS_TCPDUMP) return false;
  // It goes on until the timeout where it may capture, and fails before that where it may not.
  const { error } = spawnSync('tcpdump', ['-i', 'lo', '-w', '/dev/null'], { timeout: 500, stdio: 'ignore' });
  return error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
}

const MAY_CAPTURE = mayCapture();
const REASON = HAS_TCPDUMP ? 'capturing is not permitted here' : 'tcpdump is not installed';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-interface-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that stands in for tcpdump: what tcpdump does where this machine cannot show it. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('captureInterface', () => {
  it('says how to install tcpdump', async () => {
    const capture = captureInterface('lo', new RecordingSink(), { program: 'no-such-tcpdump' });
    await expect(capture).rejects.toThrow(/tcpdump, which is not installed; install it: apt-get install tcpdump/);
  });

  it('says how to permit capturing', async () => {
    const denied = program(
      'denied',
      `echo "tcpdump: eth0: You don't have permission to capture on that device" >&2; exit 1`,
    );
    await expect(captureInterface('eth0', new RecordingSink(), { program: denied })).rejects.toThrow(
      /interface eth0: capturing packets is not permitted to this user; .*setcap cap_net_raw\+ep/,
    );
  });

  it('refuses a name that tcpdump would take for an option', async () => {
    await expect(captureInterface('-z', new RecordingSink())).rejects.toThrow(/this is no name of an interface/);
  });

  it('reads what the child writes, passes the settings on, and reports its counters', async () => {
    const capture = join(folder, 'x.pcap');
    const writer = new PcapWriter(capture, { linkType: 1 });
    for (let i = 0; i < 3; i++) writer.packet(1, i, 0, new Uint8Array(60), 0, 60, 60);
    writer.commit();
    const script = `echo "$@" > ${join(folder, 'arguments')}; cat ${capture}
      printf '3 packets captured\\n5 packets received by filter\\n2 packets dropped by kernel\\n' >&2`;
    const sink = new RecordingSink();
    const report = await captureInterface('eth7', sink, {
      program: program('fake', script),
      filter: 'udp',
      snapLength: 96,
    });
    expect(report).toMatchObject({
      name: 'eth7',
      packets: 3,
      wireBytes: 180,
      interrupted: false,
      kernel: { received: 5, droppedByKernel: 2, droppedByInterface: undefined },
    });
    expect(sink.packets.map(({ seconds }) => seconds)).toEqual([0, 1, 2]);
    const { stdout } = spawnSync('cat', [join(folder, 'arguments')]);
    expect(stdout.toString().trim()).toBe('-i eth7 -U -n -s 96 -B 16384 -w - --immediate-mode -- udp');
  });

  it('ends a child that does not react', async () => {
    const deaf = program('deaf', `trap '' INT; exec sleep 60`);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const report = await captureInterface('eth0', new RecordingSink(), { program: deaf, signal: controller.signal });
    expect(report).toMatchObject({ packets: 0, interrupted: true });
  });
});

describe.skipIf(!MAY_CAPTURE)(`captureInterface on loopback (${MAY_CAPTURE ? 'captured' : REASON})`, () => {
  it('captures what is sent, until it is told to end', async () => {
    const controller = new AbortController();
    const sink = new RecordingSink();
    const socket = createSocket('udp4');
    const sent = 20;
    let begun: NodeJS.Timeout | undefined;
    const capture = captureInterface('lo', sink, {
      filter: 'udp and dst port 47123',
      signal: controller.signal,
      onProgress: (packets) => {
        if (packets >= sent) controller.abort();
      },
    });
    // tcpdump takes a moment to begin: send until it has seen enough.
    begun = setInterval(() => socket.send('edgeguard', 47_123, '127.0.0.1'), 20);
    const timeout = setTimeout(() => controller.abort(), 15_000);
    const report = await capture;
    clearInterval(begun);
    clearTimeout(timeout);
    socket.close();
    expect(report.interrupted).toBe(true);
    expect(report.packets).toBeGreaterThanOrEqual(sent);
    expect(report.kernel.droppedByKernel).toBe(0);
    const text = Buffer.from(sink.packets[0].bytes).toString('latin1');
    expect(text.endsWith('edgeguard')).toBe(true);
    expect(Math.abs(sink.packets[0].seconds - Date.now() / 1000)).toBeLessThan(60);
  });

  it('names a missing interface and a wrong filter', async () => {
    await expect(captureInterface('nosuch0', new RecordingSink())).rejects.toThrow(
      /there is no such interface; choose one of any, /,
    );
    const wrong = captureInterface('lo', new RecordingSink(), { filter: 'foo bar' });
    await expect(wrong).rejects.toThrow(/the capture filter is wrong: .*see man pcap-filter/);
  });
});
