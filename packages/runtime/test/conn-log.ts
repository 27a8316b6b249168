import { appendFileSync, writeFileSync } from 'node:fs';
import { coreFlowOf, corePacketOptions, FlowMeter, type FlowRecord } from '@edgeguard/metering';
import { readCapture } from '@edgeguard/sources';
import { METERING } from './z-score-detector.ts';

/** Flags of the flow table (RFC 9293 by direction) and the letters that Zeek writes for them. */
const LETTERS = [
  [1 << 3, 'S'],
  [1 << 4, 'h'],
  [1 << 5, 'A'],
  [1 << 6, 'F'],
  [1 << 7, 'f'],
  [1 << 8, 'R'],
  [1 << 9, 'r'],
] as const;
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp' };

/** A flow as Zeek would log it. */
function connLine(record: FlowRecord, uid: string): string {
  const flow = coreFlowOf(record);
  const history = LETTERS.filter(([flag]) => (flow.connection & flag) !== 0).map(([, letter]) => letter);
  return `${JSON.stringify({
    ts: flow.startSeconds + Math.floor(flow.startNanoseconds / 1000) / 1e6,
    uid,
    'id.orig_h': record.sourceAddress,
    'id.orig_p': flow.sourcePort,
    'id.resp_h': record.destinationAddress,
    'id.resp_p': flow.destinationPort,
    proto: PROTOCOLS[flow.protocol] ?? 'unknown_transport',
    duration: Number(flow.duration.toFixed(6)),
    history: history.join(''),
    orig_pkts: flow.forwardPackets,
    orig_ip_bytes: flow.forwardBytes,
    resp_pkts: flow.backwardPackets,
    resp_ip_bytes: flow.backwardBytes,
  })}\n`;
}

/** The flows of a capture as lines of a conn.log, in the order in which they ended. */
export async function connLogOf(capture: string): Promise<string[]> {
  const lines: string[] = [];
  const meter = new FlowMeter(corePacketOptions(METERING), {
    record: (record) => void lines.push(connLine(record, `C${record.flowId}`)),
  });
  await readCapture(capture, meter);
  meter.finish();
  return lines;
}

export function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.join(''));
}

export function appendLines(path: string, lines: readonly string[]): void {
  appendFileSync(path, lines.join(''));
}
