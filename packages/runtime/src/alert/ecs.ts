import type { Alert, AlertFlow, Endpoint } from './alert.ts';
import { alertId } from './alert-id.ts';
import { destinationName, type FlowNames } from './flow-names.ts';
import { ownContext } from './own-context.ts';
import { protocolName } from './protocol-name.ts';
import { signatureOf } from './signatures.ts';
import { isoTime } from './traffic-time.ts';

/** Version of the Elastic Common Schema that the fields belong to. */
export const ECS_VERSION = '9.0.0';

/**
 * An alert in the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs), nested; the fields are listed in
 * `schemas/ecs-alert.schema.json`. What the schema has no field for is under `edgeguard`. Returns one line without its end.
 */
export function formatEcs(alert: Alert): string {
  const { flow } = alert;
  const signature = signatureOf(alert);
  const { technique } = alert.finding;
  return JSON.stringify({
    '@timestamp': isoTime(alert.time),
    ecs: { version: ECS_VERSION },
    message: alert.reason,
    event: {
      kind: 'alert',
      category: ['network', 'intrusion_detection'],
      type: ['info'],
      module: 'edgeguard',
      dataset: 'edgeguard.alert',
      id: alertId(alert),
      code: String(signature.id),
      severity: alert.severity,
      reason: alert.reason,
      start: isoTime(flow?.start ?? alert.time),
      end: isoTime(alert.time),
    },
    rule: {
      id: String(signature.id),
      name: signature.text,
      category: 'Network Anomaly',
      version: String(signature.revision),
      ruleset: 'edgeguard',
    },
    ...(flow ? network(flow) : {}),
    observer: {
      vendor: 'EdgeGuard',
      product: 'EdgeGuard',
      type: 'ids',
      ingress: alert.interface === undefined ? undefined : { interface: { name: alert.interface } },
    },
    threat: technique === undefined ? undefined : { framework: 'MITRE ATT&CK', technique: { id: [technique] } },
    edgeguard: ownContext(alert),
  });
}

/** Who talked to whom. */
function network(flow: AlertFlow): Record<string, unknown> {
  const { names } = flow;
  return {
    source: end(flow.source, names?.source, flow.packetsToServer, flow.bytesToServer),
    destination: end(flow.destination, destinationName(names), flow.packetsToClient, flow.bytesToClient),
    tls: names?.tlsServer === undefined ? undefined : { client: { server_name: names.tlsServer } },
    network: {
      transport: protocolName(flow.protocol).toLowerCase(),
      iana_number: String(flow.protocol),
      type: flow.source.address.includes(':') ? 'ipv6' : 'ipv4',
      packets: sum(flow.packetsToServer, flow.packetsToClient),
      bytes: sum(flow.bytesToServer, flow.bytesToClient),
      vlan: flow.vlan === undefined ? undefined : { id: String(flow.vlan) },
    },
    related: { ip: [...new Set([flow.source.address, flow.destination.address])], hosts: hostsOf(names) },
  };
}

function hostsOf(names: FlowNames | undefined): string[] | undefined {
  if (names === undefined) return undefined;
  const { dns, tlsServer, source, destination } = names;
  const hosts = [dns, tlsServer, source, destination].filter((name) => name !== undefined);
  return hosts.length === 0 ? undefined : [...new Set(hosts)];
}

function end(
  { address, port }: Endpoint,
  domain: string | undefined,
  packets: number | undefined,
  bytes: number | undefined,
) {
  return { address, ip: address, domain, port, packets, bytes };
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
