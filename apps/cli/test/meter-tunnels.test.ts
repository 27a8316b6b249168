import { join } from 'node:path';
import { PcapWriter } from '@edgeguard/sources/captures';
import { expect, it } from 'vitest';
import { edgeguard, scratch } from './edgeguard.ts';

const LINKTYPE_RAW = 101;
/** IPv4 in IPv4: 192.0.2.1 to 192.0.2.2 carries a datagram from 10.0.0.1:40000 to 10.0.0.2:50000. */
const IP_IN_IP = Buffer.from(
  '45000030000000004004' +
    '0000c0000201c0000202' +
    '4500001c000000004011' +
    '00000a0000010a000002' +
    '9c40c35000080000',
  'hex',
);

it.each([
  { flags: [], source: '10.0.0.1', protocol: 17 },
  { flags: ['--no-decapsulation'], source: '192.0.2.1', protocol: 4 },
])('meter $flags gives flows of $source', async ({ flags, source, protocol }) => {
  const capture = join(scratch(), 'tunnel.pcap');
  const writer = new PcapWriter(capture, { linkType: LINKTYPE_RAW });
  writer.packet(LINKTYPE_RAW, 1_700_000_000, 0, IP_IN_IP, 0, IP_IN_IP.length, IP_IN_IP.length);
  writer.commit();
  const { code, stdout, stderr } = await edgeguard(['meter', capture, '--format', 'jsonl', ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const flows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(flows).toHaveLength(1);
  expect(flows[0]).toMatchObject({ src_ip: source, protocol });
});
