import type { Alert, AlertFlow } from './alert.ts';
import { eveFlowId } from './eve-flow-id.ts';
import type { FlowNames } from './flow-names.ts';
import { ownContext } from './own-context.ts';
import { protocolName } from './protocol-name.ts';
import { signatureOf } from './signatures.ts';
import { eveTime } from './traffic-time.ts';

const ICMP = 1;
const ICMPV6 = 58;

/**
 * An alert as Suricata's EVE JSON has it (https://docs.suricata.io/en/latest/output/eve/eve-json-format.html), which
 * most tools for network events read. What Suricata has no field for is under `alert.context.edgeguard`. Times are
 * traffic times. Returns one line without its end.
 */
export function formatEve(alert: Alert): string {
  return JSON.stringify(eveAlert(alert));
}

/** Server name and client fingerprint, where Suricata has them. */
function tlsOf(names: FlowNames | undefined): Record<string, unknown> | undefined {
  if (names?.tlsServer === undefined && names?.ja4 === undefined) return undefined;
  return { sni: names.tlsServer, ja4: names.ja4 };
}

/** {@link formatEve} as an object. Absent fields are `undefined` and vanish in JSON. */
export function eveAlert(alert: Alert): Record<string, unknown> {
  const { flow } = alert;
  const { technique } = alert.finding;
  const signature = signatureOf(alert);
  return {
    timestamp: eveTime(alert.time),
    in_iface: alert.interface,
    event_type: 'alert',
    ...(flow ? ends(flow) : {}),
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: signature.id,
      rev: signature.revision,
      signature: signature.text,
      category: 'Network Anomaly',
      severity: alert.severity,
      metadata: technique === undefined ? undefined : { mitre_technique_id: [technique] },
      context: { edgeguard: ownContext(alert) },
    },
    flow: flow === undefined ? undefined : counters(flow),
  };
}

function ends(flow: AlertFlow): Record<string, unknown> {
  const isIcmp = flow.protocol === ICMP || flow.protocol === ICMPV6;
  return {
    flow_id: eveFlowId(flow),
    vlan: flow.vlan === undefined ? undefined : [flow.vlan],
    src_ip: flow.source.address,
    src_port: isIcmp ? undefined : flow.source.port,
    dest_ip: flow.destination.address,
    dest_port: isIcmp ? undefined : flow.destination.port,
    proto: protocolName(flow.protocol),
    ip_v: flow.source.address.includes(':') ? 6 : 4,
    tls: tlsOf(flow.names),
  };
}

function counters(flow: AlertFlow): Record<string, unknown> {
  return {
    pkts_toserver: flow.packetsToServer,
    pkts_toclient: flow.packetsToClient,
    bytes_toserver: flow.bytesToServer,
    bytes_toclient: flow.bytesToClient,
    start: eveTime(flow.start),
  };
}
