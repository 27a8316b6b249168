import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoreFlow, FlowLogDecoder, readFlowLogs } from '../../src/index.ts';
import { DATA_FOLDER, HAS_LOGS, NO_DATA } from '../support/real-data.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-logs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const flows: CoreFlow[] = [];
  const [report] = await readFlowLogs([path], (flow) => flows.push(flow));
  return { flows, report };
}

const ZEEK_HEADER = `#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\tlabel\tdetailedlabel
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tstring\tcount\tcount\tcount\tcount\tstring\tstring
`;
const ZEEK_ROW =
  '1677024003.714845\tC6Sg\t192.168.1.107\t65164\t66.63.168.35\t5888\ttcp\t-\t0.037629\tShADadFr\t2\t104\t3\t80\tMalicious\tRemcos\n';
const EVE = {
  timestamp: '2023-11-14T22:13:24.049743+0000',
  flow_id: 773564836060320,
  event_type: 'flow',
  vlan: [6],
  src_ip: 'FE80:004a:0000:0000:0000:0000:0000:dead',
  src_port: 12345,
  dest_ip: '2001:db8::1',
  dest_port: 8080,
  proto: 'TCP',
  app_proto: 'http',
  flow: {
    pkts_toserver: 3,
    pkts_toclient: 5,
    bytes_toserver: 191,
    bytes_toclient: 311,
    start: '2023-11-14T22:13:22.049037+0100',
    end: '2023-11-14T22:13:22.059782+0100',
  },
  tcp: { tcp_flags: '1e', tcp_flags_ts: '16', tcp_flags_tc: '1a' },
};

describe("Zeek's conn.log", () => {
  it('is read as tab-separated values, with labels', async () => {
    const { flows, report } = await read('conn.log', `${ZEEK_HEADER}${ZEEK_ROW}#close\t2024-01-01\n`);
    expect(report).toMatchObject({ format: 'zeek-conn', flows: 1, other: 8, malformed: new Map() });
    expect(flows).toEqual([
      {
        sensor: 'zeek',
        sensorId: 'C6Sg',
        start: 1_677_024_003_714_845_000n,
        end: 1_677_024_003_752_474_000n,
        srcIp: '192.168.1.107',
        dstIp: '66.63.168.35',
        srcPort: 65_164,
        dstPort: 5888,
        protocol: 6,
        forwardPackets: 2,
        backwardPackets: 3,
        forwardBytes: 104,
        backwardBytes: 80,
        forwardTcpFlags: 0x13,
        backwardTcpFlags: 0x16,
        service: '',
        sampling: 1,
        label: { label: 'attack', attack: 'Remcos' },
      },
    ]);
  });

  it('says nothing of TCP flags without a history', async () => {
    const { flows } = await read('no-history.log', ZEEK_HEADER + ZEEK_ROW.replace('ShADadFr', '-'));
    expect([flows[0]?.forwardTcpFlags, flows[0]?.backwardTcpFlags]).toEqual([undefined, undefined]);
  });

  it('is read where a labelled data set put its last columns into one', async () => {
    const header = ZEEK_HEADER.replace(
      'resp_ip_bytes\tlabel\tdetailedlabel',
      'resp_ip_bytes\ttunnel_parents   label   detailed-label',
    );
    const rows = ['(empty)   Malicious   PartOfAHorizontalPortScan', '-   Benign   -', '-   benign   -'].map((last) =>
      ZEEK_ROW.replace('Malicious\tRemcos', last),
    );
    const { flows } = await read('conn.log.labeled', header + rows.join(''));
    expect(flows.map(({ label }) => label)).toEqual([
      { label: 'attack', attack: 'PartOfAHorizontalPortScan' },
      { label: 'normal', attack: '' },
      { label: 'normal', attack: '' },
    ]);
    expect(flows[0]).toMatchObject({ forwardBytes: 104, backwardBytes: 80 });
  });

  it('is read as JSON lines, with numbers or ISO times', async () => {
    const row = {
      ts: 1700828217.314165,
      uid: 'x',
      'id.orig_h': 'fe80::1',
      'id.orig_p': 3,
      'id.resp_h': 'ff02::1',
      'id.resp_p': 4,
      proto: 'icmp',
      duration: 0.5,
      orig_pkts: 1,
      orig_ip_bytes: 72,
    };
    const lines = [row, { ...row, ts: '2023-11-24T12:16:57.314165Z' }].map((line) => JSON.stringify(line));
    const { flows } = await read('conn.json', lines.join('\n'));
    expect(flows[0]).toMatchObject({
      start: 1_700_828_217_314_165_000n,
      protocol: 58,
      forwardBytes: 72,
      backwardPackets: 0,
      forwardTcpFlags: undefined,
    });
    expect(flows[1]).toEqual(flows[0]);
  });

  it('counts what cannot be read by reason and goes on', async () => {
    const broken =
      ZEEK_ROW.replace('192.168.1.107', '192.168.1.1077') + ZEEK_ROW.replace('65164', '65536') + 'half a row\n';
    const { flows, report } = await read('broken.log', ZEEK_HEADER + ZEEK_ROW + broken + ZEEK_ROW);
    expect(flows).toHaveLength(2);
    expect(report.malformed).toEqual(
      new Map([
        ['id.orig_h is not an address', 2],
        ['id.orig_p is not a port', 1],
      ]),
    );
  });
});

describe("Suricata's EVE log", () => {
  it('gives flow records with bytes of IP packets; other events are passed over', async () => {
    const lines = [EVE, { event_type: 'stats' }, EVE].map((event) => JSON.stringify(event));
    const { flows, report } = await read('eve.json', `${lines.join('\n')}\n`);
    expect(report).toMatchObject({ format: 'suricata-eve', flows: 2, other: 1, lines: 3 });
    expect(flows[0]).toEqual({
      sensor: 'suricata',
      sensorId: '773564836060320',
      start: 1_699_996_402_049_037_000n,
      end: 1_699_996_402_059_782_000n,
      srcIp: 'fe80:4a::dead',
      dstIp: '2001:db8::1',
      srcPort: 12_345,
      dstPort: 8080,
      protocol: 6,
      forwardPackets: 3,
      backwardPackets: 5,
      forwardBytes: 191 - 3 * 18,
      backwardBytes: 311 - 5 * 18,
      forwardTcpFlags: 0x16,
      backwardTcpFlags: 0x1a,
      service: 'http',
      sampling: 1,
      label: undefined,
    });
  });
});

describe('what is no flow log', () => {
  it.each([
    ['empty.log', '', /empty\.log: the file is empty/],
    ['text.log', 'hello\nworld\n', /text\.log: line 1: this is no flow log; give Zeek's conn\.log/],
    ['other.json', '{"a":1}\n'.repeat(30), /other\.json: line 1: this is no flow log \(id\.orig_h is not an address\)/],
    ['few.json', '{"a":1}\n', /few\.json: line 1: this is no flow log/],
  ])('%s is refused in one line', async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });

  it('is not kept in memory when it is one endless line', () => {
    const decoder = new FlowLogDecoder(() => undefined, 'endless', 'suricata-eve');
    const chunk = new Uint8Array(1 << 18).fill(0x61);
    for (let i = 0; i < 40; i++) decoder.push(chunk);
    decoder.push(Buffer.from(`\n${JSON.stringify(EVE)}\n`));
    expect(decoder.end()).toMatchObject({ flows: 1, malformed: new Map([['longer than any record', 1]]) });
  });

  it('is read up to the cut when a packed file is cut', async () => {
    const lines = Array.from({ length: 2000 }, (_, i) => JSON.stringify({ ...EVE, flow_id: i * 7919 }));
    const packed = gzipSync(lines.join('\n'));
    const { flows, report } = await read('cut.json.gz', packed.subarray(0, packed.length / 2));
    expect(flows.length).toBeGreaterThan(100);
    expect(report.truncated).toBe('the compressed file ends early');
  });
});

it('gives the same flows whatever the chunks', () => {
  const log = Buffer.from(`${ZEEK_HEADER}${ZEEK_ROW.replace('Remcos', 'Übel').repeat(3)}`);
  const flowsOf = (size: number) => {
    const flows: CoreFlow[] = [];
    const decoder = new FlowLogDecoder((flow) => flows.push(flow), 'log');
    for (let at = 0; at < log.length; at += size) decoder.push(log.subarray(at, at + size));
    decoder.end();
    return flows;
  };
  const whole = flowsOf(log.length);
  expect(whole).toHaveLength(3);
  for (const size of [1, 2, 3, 7, 100]) expect(flowsOf(size)).toEqual(whole);
});

describe.skipIf(!HAS_LOGS)(`real logs (${HAS_LOGS ? 'read' : NO_DATA})`, () => {
  it.each([
    ['zeek/malicious-ctu-sme-11.conn.log.labeled', 'zeek-conn'],
    ['zeek/mixed.conn.log', 'zeek-conn'],
    ['zeek/portscan-horizontal.conn.log', 'zeek-conn'],
    ['zeek/portscan-vertical.conn.log', 'zeek-conn'],
    ['suricata/flows.eve.json.gz', 'suricata-eve'],
  ])('%s gives a flow for every record', async (name, format) => {
    const path = join(DATA_FOLDER, 'logs', name);
    const content = readFileSync(path);
    const lines = (name.endsWith('.gz') ? gunzipSync(content) : content).toString().split('\n');
    const records = lines.filter((line) => line !== '' && !line.startsWith('#')).length;
    let forwardPackets = 0;
    let attacks = 0;
    const [report] = await readFlowLogs([path], (flow) => {
      forwardPackets += flow.forwardPackets;
      if (flow.label?.label === 'attack') attacks++;
    });
    expect(report).toMatchObject({ format, flows: records, malformed: new Map() });
    expect(forwardPackets).toBeGreaterThan(records / 2);
    expect(attacks > 0).toBe(name.endsWith('.labeled'));
  });
});
