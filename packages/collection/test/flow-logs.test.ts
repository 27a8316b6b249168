import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dataFolder, type StageLocation } from '@edgeguard/contracts/stage';
import { flowCoreSchema } from '@edgeguard/metering';
import { synthesizeCapture } from '@edgeguard/sources';
import { describe, expect, it } from 'vitest';
import { newPipeline, readFlows, runCollection, SMALL_TABLES, tally } from './support/pipeline.ts';

const workspaceRoot = join(import.meta.dirname, '..', '..', '..');
const logs = join(dataFolder(workspaceRoot), 'logs');
const BILLION = 1_000_000_000n;

async function withLogs(source: object, files: Record<string, string | Uint8Array> = {}): Promise<StageLocation> {
  const location = await newPipeline({ source: { kind: 'flow-logs', ...source }, metering: SMALL_TABLES });
  for (const [name, content] of Object.entries(files)) await writeFile(join(location.pipelineFolder, name), content);
  return location;
}

const CONN = {
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 40_000,
  'id.resp_h': '192.0.2.7',
  'id.resp_p': 443,
  proto: 'tcp',
  service: 'ssl',
  duration: 2.5,
  history: 'ShADadFf',
  orig_pkts: 5,
  orig_ip_bytes: 500,
  resp_pkts: 4,
  resp_ip_bytes: 4000,
};

/** A line of conn.log as JSON. */
function conn(ts: number, uid: string, more: object = {}): string {
  return `${JSON.stringify({ ts, uid, ...CONN, ...more })}\n`;
}

/** A flow event of Suricata. */
function eve(flowId: number): string {
  const flow = { pkts_toserver: 1, pkts_toclient: 1, bytes_toserver: 74, bytes_toclient: 90 };
  const times = { start: '2026-01-05T10:00:00.000000+0000', end: '2026-01-05T10:00:00.250000+0000' };
  const ends = { src_ip: '10.0.0.2', src_port: 50_000, dest_ip: '192.0.2.53', dest_port: 53, proto: 'UDP' };
  return `${JSON.stringify({ event_type: 'flow', flow_id: flowId, ...ends, app_proto: 'dns', flow: { ...flow, ...times } })}\n`;
}

describe('collecting flow logs', () => {
  it('gives rows of flow-core in order of the ends, with the names that the sensor gave', async () => {
    const log = conn(1000, 'C1', { duration: 100 }) + conn(1010, 'C2') + conn(1020, 'C3');
    const location = await withLogs({ paths: ['conn.log'] }, { 'conn.log': log });
    const manifest = await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.reader.schema.name).toBe('flow-core');
    const names = flows.reader.schema.columns.map(({ name }) => name);
    expect(names.slice(0, -3)).toEqual(flowCoreSchema().columns.map(({ name }) => name));
    expect(names.slice(-3)).toEqual(['file', 'label', 'attack']);
    expect(flows.strings('uid')).toEqual(['C2', 'C3', 'C1']);
    expect(flows.strings('sensor')).toEqual(['zeek', 'zeek', 'zeek']);
    expect(flows.strings('service')).toEqual(['ssl', 'ssl', 'ssl']);
    expect(flows.bigints('time')).toEqual([1_012_500_000_000n, 1_022_500_000_000n, 1100n * BILLION]);
    expect(flows.strings('label')).toEqual(['unknown', 'unknown', 'unknown']);
    expect(manifest.rows).toEqual({ 'flows.arrow': 3 });
    expect(JSON.parse(flows.reader.metadata.get('edgeguard.metering')!)).toMatchObject(SMALL_TABLES);
  });

  it('takes the ground truth of a labelled log, and what the config assumes otherwise', async () => {
    const log =
      conn(1000, 'C1', { label: 'Benign' }) +
      conn(1001, 'C2', { label: 'Malicious', detailedlabel: 'PortScan' }) +
      conn(1002, 'C3', { label: 'Background' }) +
      conn(1003, 'C4');
    const files = { 'conn.log': log };
    const location = await withLogs({ paths: ['conn.log'], assume: 'normal' }, files);
    await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.strings('label')).toEqual(['normal', 'attack', 'unknown', 'normal']);
    expect(flows.strings('attack')).toEqual(['', 'PortScan', '', '']);
    const none = await withLogs({ paths: ['conn.log'], labels: 'none' }, files);
    await runCollection(none);
    expect(tally((await readFlows(none)).strings('label'))).toEqual({ unknown: 4 });
    expect(tally((await readFlows(none)).strings('attack'))).toEqual({ '': 4 });
  });

  it('reads packed logs of several sensors and says which file a row came from', async () => {
    const location = await withLogs(
      { paths: ['*.gz'], merge: false },
      { 'conn.log.gz': gzipSync(conn(1000, 'C1')), 'eve.json.gz': gzipSync(eve(77) + eve(78)) },
    );
    await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.strings('file')).toEqual(['conn.log.gz', 'eve.json.gz', 'eve.json.gz']);
    expect(flows.strings('uid')).toEqual(['C1', '77', '78']);
    expect(flows.strings('sensor')).toEqual(['zeek', 'suricata', 'suricata']);
  });

  it('takes rotated logs as one stream, and each by itself when the config says so', async () => {
    const files = { 'conn.1.log': conn(1000, 'C1'), 'conn.2.log': conn(1004, 'C2') };
    const counts: Record<string, number[]> = {};
    for (const merge of [true, false]) {
      const location = await withLogs({ paths: ['conn.*.log'], merge }, files);
      await runCollection(location);
      const flows = await readFlows(location);
      counts[String(merge)] = flows.numbers('source_flows_10s');
    }
    expect(counts).toEqual({ true: [1, 2], false: [1, 1] });
  });

  it('counts lines that are no flows or cannot be read, and flows that came too late', async () => {
    const log = `${conn(5000, 'C1')}{"half a line\n${conn(9000, 'C2')}${conn(9400, 'C3')}${conn(6000, 'C4')}`;
    const location = await withLogs({ paths: ['conn.log'], format: 'zeek' }, { 'conn.log': log });
    const { dropped, notes } = await runCollection(location);
    expect(dropped).toEqual({ 'lines: not JSON': 1 });
    expect(notes).toEqual(['conn.log: 1 of 4 flows came too late to be put in order of their ends']);
  });

  it('names the file that is no flow log', async () => {
    const location = await withLogs({ paths: ['notes.txt'] }, { 'notes.txt': 'hello\n' });
    await expect(runCollection(location)).rejects.toThrow(/notes\.txt: line 1: this is no flow log/);
  });

  it('gives the same bytes every time', async () => {
    const log = Array.from({ length: 300 }, (_, k) => conn(1000 + k, `C${k}`, { 'id.orig_h': `10.0.0.${k % 90}` }));
    const digests = [];
    for (let run = 0; run < 2; run++) {
      const location = await withLogs({ paths: ['conn.log'] }, { 'conn.log': log.join('') });
      await runCollection(location);
      digests.push(await readFile(join(location.artifacts, 'collect', 'digest.json'), 'utf8'));
    }
    expect(digests[0]).toBe(digests[1]);
  });
});

describe('collecting captures as flow-core', () => {
  it('gives the same schema as logs, one row per flow, with labels by rules', async () => {
    const location = await newPipeline({
      source: {
        kind: 'synthetic',
        durationSeconds: 300,
        hosts: 8,
        schema: 'flow-core',
        attacks: [{ kind: 'port-scan', startSeconds: 60, durationSeconds: 30 }],
      },
      metering: SMALL_TABLES,
    });
    await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.reader.schema.name).toBe('flow-core');
    expect(tally(flows.strings('sensor'))).toEqual({ packets: flows.rows });
    expect(new Set(flows.strings('uid')).size).toBe(flows.rows);
    const labels = tally(flows.strings('label'));
    expect(labels['attack']).toBeGreaterThan(100);
    expect(labels['normal']).toBe(flows.rows - labels['attack']!);
    const times = flows.bigints('time');
    expect(times.every((time, row) => row === 0 || time >= times[row - 1]!)).toBe(true);
  });

  it('names the capture that a flow came from', async () => {
    const location = await newPipeline({
      source: { kind: 'captures', paths: ['*.pcap'], assume: 'normal', schema: 'flow-core' },
      metering: SMALL_TABLES,
    });
    for (const [seed, name] of ['a.pcap', 'b.pcap'].entries()) {
      const path = join(location.pipelineFolder, name);
      await synthesizeCapture({ seed, durationSeconds: 30, hosts: 6, attacks: 'none' }, path);
    }
    await runCollection(location);
    const flows = await readFlows(location);
    expect(Object.keys(tally(flows.strings('file')))).toEqual(['a.pcap', 'b.pcap']);
    expect(tally(flows.strings('label'))).toEqual({ normal: flows.rows });
  });
});

const HAS_LOGS = existsSync(logs);

describe.skipIf(!HAS_LOGS)(`collecting real flow logs (${HAS_LOGS ? 'read' : 'the data folder has no logs'})`, () => {
  it('reads the samples of Zeek', async () => {
    const paths = ['mixed.conn.log', 'portscan-*.conn.log', '*.labeled'].map((name) => join(logs, 'zeek', name));
    const location = await withLogs({ paths, merge: false, format: 'zeek' });
    const { notes } = await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.rows).toBeGreaterThan(1000);
    expect(new Set(flows.strings('uid')).size).toBe(flows.rows);
    expect(flows.strings('uid').every((uid) => uid.startsWith('C'))).toBe(true);
    expect(Object.keys(tally(flows.strings('label')))).toEqual(expect.arrayContaining(['attack', 'unknown']));
    expect(tally(flows.strings('attack'))).not.toEqual({ '': flows.rows });
    expect(notes).toEqual([]);
    // A vertical scan reaches many ports of one host.
    const files = flows.strings('file');
    const ports = flows.numbers('source_ports_1h').filter((_, row) => files[row]!.includes('vertical'));
    expect(Math.max(...ports)).toBeGreaterThanOrEqual(44);
  });

  it('reads the samples of Suricata', async () => {
    const location = await withLogs({ paths: [join(logs, 'suricata', '*.gz')], format: 'suricata' });
    await runCollection(location);
    const flows = await readFlows(location);
    expect(flows.rows).toBeGreaterThan(100);
    expect(flows.strings('uid').every((uid) => /^\d+$/.test(uid))).toBe(true);
    expect(tally(flows.strings('sensor'))).toEqual({ suricata: flows.rows });
  });
});
