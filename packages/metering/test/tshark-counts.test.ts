import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCOUNTING_OPTIONS, FlowMeter } from '../src/index.ts';
import { CAPTURES, HAS_CAPTURES, capturesIn, readCapture } from './support/captures.ts';

const HAS_TSHARK = spawnSync('tshark', ['--version']).status === 0;
const SKIPPED = HAS_TSHARK ? (HAS_CAPTURES ? '' : ', skipped: no real captures') : ', skipped: tshark is not installed';
/** Each capture starts tshark, which takes half an hour for all of some 2,400: by default one in 40 is counted. */
const EVERY = process.env['EDGEGUARD_EVERY_CAPTURE'] === '1' ? 1 : 40;

/** Captures whose flows differ, parts of their names by what they have. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "layers that tshark opens and we do not (sFlow, Teredo, PIM, OpenFlow, NSH, MACsec, switches' tags and others)": `
    decode-nsh tests__nsh decode-etag decode-vntag decode-dce macsec arista_ether IPcomp-IPv6 decode-teredo
    output-eve-ftp-data PIM_register pim-packet sflow-print-v6 filestore-5408 mpls-over-udp nhrp-trace various_gre
    802_15_4-data PKTAP bgp-aigp icmp-rfc8335 of13_ericsson`,
  'tunnels that tshark does not open, or whose flows it does not keep apart from those outside': `
    tunnel-pkt-flows vxlan_port_8472 erspan-type-ii-3`,
  'no header behind the IPv6 extension headers, or one that is cut': `
    ipv6-srh-tlv ipv6_mobility_1 no_next_header next-header-oobr rthdr-oobr hdr-heapoverflow ip6_frag_asan
    frag6_negative_len hoobr_rt6_print tcp_header_heapoverflow`,
  'a damaged packet in a tunnel, for which we meter that of the tunnel': `
    7964-01__wrong-version-ipv4-ipv6 security-8550`,
  'damage that tshark takes otherwise': `
    decode-too-small LINKTYPE_IPV6_invalid 6875-01__fuzz 7414-decoder 7964-02 transform-base64-7296 detect-ipopts
    session-decode-malformed`,
};

const FIELDS = ['frame.time_epoch', 'frame.len', 'frame.protocols', 'ip.src', 'ip.dst', 'ip.proto', 'ip.frag_offset'];
const MORE_FIELDS = ['ipv6.src', 'ipv6.dst', 'ipv6.nxt', 'ipv6.fraghdr.offset', 'tcp.srcport', 'tcp.dstport'];
const LAST_FIELDS = ['udp.srcport', 'udp.dstport', 'vlan.id'];

/** One line of fields for each packet. Fragments are left as they are. */
function dissect(file: string): string[][] {
  const preferences = ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.desegment_tcp_streams:FALSE'];
  const options = preferences.flatMap((preference) => ['-o', preference]);
  const fields = [...FIELDS, ...MORE_FIELDS, ...LAST_FIELDS].flatMap((field) => ['-e', field]);
  const parameters = ['-n', '-r', file, ...options, '-T', 'fields', '-E', 'aggregator=;', ...fields];
  const { stdout } = spawnSync('tshark', parameters, { maxBuffer: 1 << 28 });
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** The innermost IP packet that no ICMP error quotes: "a b protocol vlan", both ends in order; undefined for none. */
function keyOf(row: readonly string[]): string | undefined {
  const [, , protocols, ...rest] = row;
  const lists = rest.map((value) => (value === '' ? [] : value.split(';')));
  const [src4, dst4, proto4, offset4, src6, dst6, next6, offset6, tcpFrom, tcpTo, udpFrom, udpTo, vlan] = lists;
  const layers = protocols.split(':');
  const seen: Record<string, number> = { ip: 0, ipv6: 0, tcp: 0, udp: 0, 'ipv6.fraghdr': 0 };
  let version = '';
  let transport = '';
  for (const layer of layers) {
    if (version !== '' && (layer === 'icmp' || layer === 'icmpv6')) {
      transport = layer;
      break;
    }
    if (layer in seen) seen[layer]++;
    if (layer === 'ip' || layer === 'ipv6') [version, transport] = [layer, ''];
    else if (layer === 'tcp' || layer === 'udp') transport = layer;
  }
  if (version === '') return undefined;
  const k = seen[version] - 1;
  const isLater = version === 'ip' ? Number(offset4[k]) > 0 : Number(offset6[seen['ipv6.fraghdr'] - 1] ?? 0) > 0;
  if (isLater) return undefined;
  const [from, to] = version === 'ip' ? [src4[k], dst4[k]] : [src6[k], dst6[k]];
  // A header so damaged that tshark does not read it has no addresses.
  if (from === undefined || to === undefined) return undefined;
  const ports = transport === 'tcp' ? [tcpFrom, tcpTo] : transport === 'udp' ? [udpFrom, udpTo] : [];
  const [fromPort, toPort] = ports.map((list) => list[seen[transport] - 1] ?? '0');
  const ends = [`${from} ${fromPort ?? 0}`, `${to} ${toPort ?? 0}`].sort();
  return [...ends, transport || (version === 'ip' ? proto4[k] : next6.at(-1)), vlan.at(-1) ?? '0'].join(' ');
}

/** "packets bytes" of each flow, sorted: a plain count, as in any book, with timeouts of 120 s and 1800 s. */
function flowsOfTshark(file: string): string[] {
  const flows = new Map<string, { first: bigint; last: bigint; packets: number; bytes: number }>();
  const ended: string[] = [];
  let now = 0n;
  for (const row of dissect(file)) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const [seconds, fraction = ''] = row[0].split('.');
    const time = BigInt(seconds || 0) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
    if (time > now) now = time;
    let flow = flows.get(key);
    if (flow !== undefined && (now - flow.last >= 120_000_000_000n || now - flow.first >= 1_800_000_000_000n)) {
      ended.push(`${flow.packets} ${flow.bytes}`);
      flow = undefined;
    }
    flow ??= { first: now, last: now, packets: 0, bytes: 0 };
    flows.set(key, flow);
    flow.last = now;
    flow.packets++;
    flow.bytes += Number(row[1]);
  }
  return [...ended, ...[...flows.values()].map(({ packets, bytes }) => `${packets} ${bytes}`)].sort();
}

function flowsOf(file: string): string[] {
  const flows: string[] = [];
  const record = (r: {
    forwardPackets: number;
    backwardPackets: number;
    forwardFrameBytes: number;
    backwardFrameBytes: number;
  }) => flows.push(`${r.forwardPackets + r.backwardPackets} ${r.forwardFrameBytes + r.backwardFrameBytes}`);
  const meter = new FlowMeter({ ...ACCOUNTING_OPTIONS, maxFlows: 65_536 }, { record });
  readCapture(file, meter);
  meter.finish();
  return flows.sort();
}

const isKnown = (file: string) =>
  Object.values(DIFFERENCES).some((names) =>
    names
      .trim()
      .split(/\s+/)
      .some((name) => basename(file).includes(name)),
  );

describe.skipIf(SKIPPED !== '')(`flows counted from tshark's fields${SKIPPED}`, () => {
  it('are ours, in all other real captures but those that are named', { timeout: 3_600_000 }, () => {
    // The folder of pcapng tests is for the reader of packages/sources: the one here passes over what is rare.
    const folders = readdirSync(CAPTURES).filter((folder) => folder !== 'nfstream' && folder !== 'pcapng-test');
    const captures = folders.flatMap((folder) => capturesIn(join(CAPTURES, folder)));
    const files = captures.filter((file, i) => i % EVERY === 0 && !basename(file).includes('invalid-vers'));
    const differing = files.filter((file) => flowsOf(file).join() !== flowsOfTshark(file).join());
    expect(differing.filter((file) => !isKnown(file)).map((file) => basename(file))).toEqual([]);
    expect(files.length - differing.length).toBeGreaterThan(0.95 * files.length);
  });
});
