import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAttacks, synthesizeCapture } from '../../src/index.ts';
import { hasTool } from '../support/tools.ts';

const HAS_TSHARK = hasTool('tshark');

describe.skipIf(!HAS_TSHARK)(
  `synthetic packets in tshark (${HAS_TSHARK ? 'checked' : 'tshark is not installed'})`,
  () => {
    let folder: string;
    let capture: string;
    let packets: number;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'edgeguard-tshark-'));
      capture = join(folder, 'synthetic.pcap');
      const attacks = describeAttacks().map(({ name }, i) => ({ kind: name, start: 30 + 20 * i, duration: 20 }));
      ({ packets } = await synthesizeCapture(
        { seed: 21, durationSeconds: 600, activity: 2, attacks, snapLength: 2048 },
        capture,
      ));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    function tshark(...args: string[]): string[] {
      const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
      // Some segments are lost before the sensor and come later.
      const result = spawnSync(
        'tshark',
        ['-r', capture, '-n', ...checks, '-o', 'tcp.reassemble_out_of_order:TRUE', ...args],
        { maxBuffer: 1 << 28 },
      );
      expect(result.status).toBe(0);
      return result.stdout
        .toString()
        .split('\n')
        .filter((line) => line !== '');
    }

    it('are not malformed and have no wrong checksum', () => {
      const wrong = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6'].map((protocol) => `${protocol}.checksum.status==0`);
      expect(tshark('-Y', ['_ws.malformed', '_ws.short', ...wrong].join(' || '))).toEqual([]);
    });

    it('had their checksums verified', () => {
      const verified = tshark(
        '-Y',
        'tcp.checksum.status==1 || udp.checksum.status==1 || icmp.checksum.status==1 || arp',
        '-T',
        'fields',
        '-e',
        'frame.number',
      );
      expect(verified.length).toBeGreaterThan(0.99 * packets);
    });

    it('acknowledge nothing that was not sent', () => {
      expect(tshark('-Y', 'tcp.analysis.ack_lost_segment')).toEqual([]);
    });

    it('are recognised as the protocols that they are', () => {
      const protocols = new Set(tshark('-T', 'fields', '-e', '_ws.col.Protocol'));
      for (const protocol of ['DNS', 'HTTP', 'TLSv1.3', 'NTP', 'SSHv2', 'ARP', 'TCP'])
        expect(protocols).toContain(protocol);
    });
  },
);
