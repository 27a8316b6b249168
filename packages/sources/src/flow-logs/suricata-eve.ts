import type { CoreFlow } from './core-flow.ts';
import { addressOf, countOf, objectOf, parseObject, portOf, textOf } from './fields.ts';
import { type FlowLogParser, MalformedLine } from './flow-log-parser.ts';
import { protocolNumber } from './ip-protocols.ts';
import { nanosecondsOfIso } from './timestamps.ts';

const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;

/**
 * The flow records of Suricata's EVE log. Suricata counts whole frames; the Ethernet header and VLAN tags are taken off
 * so that bytes are those of IP packets, as with the other sources. Padding of short frames cannot be told and stays.
 */
export class SuricataEveParser implements FlowLogParser {
  parse(line: string): CoreFlow | undefined {
    const event = parseObject(line);
    if (event['event_type'] !== 'flow') return undefined;
    const flow = objectOf(event['flow'], 'flow');
    const tcp = event['tcp'] === undefined ? undefined : objectOf(event['tcp'], 'tcp');
    const srcIp = addressOf(event['src_ip'], 'src_ip');
    const start = timeOf(flow['start'], 'flow.start');
    const vlans = Array.isArray(event['vlan']) ? event['vlan'].length : 0;
    const linkHeader = ETHERNET_HEADER + vlans * VLAN_TAG;
    const forwardPackets = countOf(flow['pkts_toserver'], 'flow.pkts_toserver');
    const backwardPackets = countOf(flow['pkts_toclient'], 'flow.pkts_toclient');
    const forwardBytes = countOf(flow['bytes_toserver'], 'flow.bytes_toserver');
    const backwardBytes = countOf(flow['bytes_toclient'], 'flow.bytes_toclient');
    const service = textOf(event['app_proto']);
    return {
      sensor: 'suricata',
      sensorId: textOf(event['flow_id']),
      start,
      end: flow['end'] === undefined ? start : timeOf(flow['end'], 'flow.end'),
      srcIp,
      dstIp: addressOf(event['dest_ip'], 'dest_ip'),
      srcPort: portOf(event['src_port'], 'src_port'),
      dstPort: portOf(event['dest_port'], 'dest_port'),
      protocol: protocolNumber(textOf(event['proto']), srcIp.includes(':')),
      forwardPackets,
      backwardPackets,
      forwardBytes: Math.max(0, forwardBytes - forwardPackets * linkHeader),
      backwardBytes: Math.max(0, backwardBytes - backwardPackets * linkHeader),
      forwardTcpFlags: flagsOf(tcp?.['tcp_flags_ts']),
      backwardTcpFlags: flagsOf(tcp?.['tcp_flags_tc']),
      service: service === 'failed' ? '' : service,
      sampling: 1,
      label: undefined,
    };
  }
}

function timeOf(value: unknown, name: string): bigint {
  const time = nanosecondsOfIso(textOf(value));
  if (time === undefined) throw new MalformedLine(`${name} is not a time`);
  return time;
}

/** Two hexadecimal digits. */
function flagsOf(value: unknown): number | undefined {
  return typeof value === 'string' && /^[0-9a-f]{1,2}$/i.test(value) ? Number.parseInt(value, 16) : undefined;
}
