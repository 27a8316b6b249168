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
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'edgeguard-tshark-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    interface Row {
      line: string;
      malformed: boolean;
      checksums: string[];
      protocol: string;
      acknowledgesUnsent: boolean;
    }

    /** What tshark says of every frame, with all checksums verified. */
    function dissect(capture: string): Row[] {
      const options = ['ip', 'tcp', 'udp'].map((protocol) => `${protocol}.check_checksum:TRUE`);
      const transports = ['tcp', 'udp', 'icmp', 'icmpv6'].map((protocol) => `${protocol}.checksum.status`);
      const fields = [
        '_ws.malformed',
        '_ws.short',
        'ip.checksum.status',
        ...transports,
        '_ws.col.Protocol',
        'tcp.analysis.ack_lost_segment',
      ];
      const args = [...options.flatMap((option) => ['-o', option]), ...fields.flatMap((field) => ['-e', field])];
      const result = spawnSync('tshark', ['-r', capture, '-n', '-T', 'fields', ...args], { maxBuffer: 1 << 28 });
      expect(result.status).toBe(0);
      const lines = result.stdout.toString().split('\n').slice(0, -1);
      return lines.map((line) => {
        const [malformed, short, ip, tcp, udp, icmp, icmpv6, protocol, lost] = line.split('\t');
        // An ICMP error quotes the beginning of another packet, whose checksums cover bytes that are not quoted.
        const own = protocol === 'ICMP' ? [ip, icmp] : [ip, tcp, udp, icmp, icmpv6];
        const checksums = own.map((status) => status.split(',')[0]).filter((status) => status !== '');
        return {
          line,
          malformed: malformed !== '' || short !== '',
          checksums,
          protocol,
          acknowledgesUnsent: lost !== '',
        };
      });
    }

    it.each([21, 22])(
      'of seed %i are well formed, with right checksums, acknowledging nothing unsent',
      async (seed) => {
        const capture = join(folder, `${seed}.pcap`);
        const attacks = describeAttacks().map(({ name }, i) => ({ kind: name, start: 30 + 20 * i, duration: 60 }));
        const options = { seed, durationSeconds: 600, activity: 2, attacks, snapLength: 2048 };
        const { packets } = await synthesizeCapture(options, capture);
        const rows = dissect(capture);
        expect(rows).toHaveLength(packets);
        expect(rows.filter((row) => row.malformed || row.acknowledgesUnsent)).toEqual([]);
        // 1 is good, 0 is bad, 2 was not verified.
        expect(rows.filter((row) => row.checksums.some((status) => status !== '1'))).toEqual([]);
        expect(rows.filter((row) => row.checksums.length === 0 && row.protocol !== 'ARP')).toEqual([]);
        const protocols = new Set(rows.map((row) => row.protocol));
        for (const protocol of ['DNS', 'MDNS', 'HTTP', 'TLSv1.3', 'NTP', 'SSHv2', 'TELNET', 'ICMP', 'ARP', 'TCP']) {
          expect(protocols).toContain(protocol);
        }
      },
    );
  },
);
