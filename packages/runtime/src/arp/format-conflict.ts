import { createHash } from 'node:crypto';
import { ECS_VERSION } from '../alert/ecs.ts';
import { OCSF_VERSION } from '../alert/ocsf.ts';
import { eveTime, isoTime, plainTime } from '../alert/traffic-time.ts';
import {
  type AddressConflict,
  CONFLICT_SEVERITY,
  CONFLICT_SIGNATURE,
  CONFLICT_TECHNIQUE,
  conflictEvidence,
  conflictReason,
} from './address-conflict.ts';

const CATEGORY = 'Address Conflict';
const TACTIC_TECHNIQUE = { id: [CONFLICT_TECHNIQUE.slice(0, 5)], subtechnique: { id: [CONFLICT_TECHNIQUE] } };
const MILLISECOND = 1_000_000n;
const OPCODES: Readonly<Record<string, string>> = { request: 'request', announcement: 'request', reply: 'reply' };

/** A conflict as an EVE alert of a rule; the ARP message is where Suricata has it. */
export function conflictEve(conflict: AddressConflict): string {
  const { address, mac, target } = conflict;
  return JSON.stringify({
    timestamp: eveTime(conflict.time),
    in_iface: conflict.interface,
    event_type: 'alert',
    vlan: conflict.vlan === undefined ? undefined : [conflict.vlan],
    src_ip: address,
    dest_ip: target.address,
    proto: 'ARP',
    ether: { src_mac: mac, dest_mac: target.mac },
    arp: {
      opcode: OPCODES[conflict.message],
      src_mac: mac,
      src_ip: address,
      dest_mac: target.mac,
      dest_ip: target.address,
    },
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: CONFLICT_SIGNATURE.id,
      rev: CONFLICT_SIGNATURE.revision,
      signature: CONFLICT_SIGNATURE.text,
      category: CATEGORY,
      severity: CONFLICT_SEVERITY,
      metadata: { mitre_technique_id: [CONFLICT_TECHNIQUE] },
      context: { edgeguard: conflictEvidence(conflict) },
    },
  });
}

/** A conflict in the Elastic Common Schema; the fields are listed in `schemas/ecs-address-conflict.schema.json`. */
export function conflictEcs(conflict: AddressConflict): string {
  const { address, mac, previousMac, target } = conflict;
  const time = isoTime(conflict.time);
  const reason = conflictReason(conflict);
  return JSON.stringify({
    '@timestamp': time,
    ecs: { version: ECS_VERSION },
    message: reason,
    event: {
      kind: 'alert',
      category: ['network', 'intrusion_detection'],
      type: ['info'],
      module: 'edgeguard',
      dataset: 'edgeguard.address_conflict',
      id: conflictId(conflict),
      code: String(CONFLICT_SIGNATURE.id),
      severity: CONFLICT_SEVERITY,
      reason,
    },
    rule: {
      id: String(CONFLICT_SIGNATURE.id),
      name: CONFLICT_SIGNATURE.text,
      category: CATEGORY,
      version: String(CONFLICT_SIGNATURE.revision),
      ruleset: 'edgeguard',
    },
    source: { address, ip: address, mac: ecsMac(mac) },
    destination: { address: target.address, ip: target.address, mac: ecsMac(target.mac) },
    network: { type: 'arp', vlan: conflict.vlan === undefined ? undefined : { id: String(conflict.vlan) } },
    observer: {
      vendor: 'EdgeGuard',
      product: 'EdgeGuard',
      type: 'ids',
      ingress: conflict.interface === undefined ? undefined : { interface: { name: conflict.interface } },
    },
    threat: { framework: 'MITRE ATT&CK', technique: TACTIC_TECHNIQUE },
    related: { ip: [...new Set([address, target.address])], hosts: [ecsMac(mac), ecsMac(previousMac)] },
    edgeguard: conflictEvidence(conflict),
  });
}

/** A conflict as a Detection Finding of OCSF, by a rule; the fields are in `schemas/ocsf-address-conflict.schema.json`. */
export function conflictOcsf(conflict: AddressConflict): string {
  const { address, mac, previousMac, target } = conflict;
  const time = Number(conflict.time / MILLISECOND);
  const uid = conflictId(conflict);
  const reason = conflictReason(conflict);
  return JSON.stringify({
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200_401,
    type_name: 'Detection Finding: Create',
    severity_id: 3,
    severity: 'Medium',
    status_id: 1,
    status: 'New',
    is_alert: true,
    time,
    message: reason,
    metadata: {
      version: OCSF_VERSION,
      uid,
      event_code: String(CONFLICT_SIGNATURE.id),
      product: { name: 'EdgeGuard', vendor_name: 'EdgeGuard' },
    },
    finding_info: {
      uid,
      title: CONFLICT_SIGNATURE.text,
      desc: reason,
      types: [CATEGORY],
      attacks: [
        {
          technique: { uid: CONFLICT_TECHNIQUE.slice(0, 5) },
          sub_technique: { uid: CONFLICT_TECHNIQUE },
        },
      ],
      analytic: { uid: String(CONFLICT_SIGNATURE.id), name: CONFLICT_SIGNATURE.text, type_id: 1, type: 'Rule' },
    },
    evidences: [
      {
        src_endpoint: { ip: address, mac },
        dst_endpoint: { ip: target.address, mac: target.mac },
        data: { previous_mac: previousMac },
      },
    ],
    unmapped: { edgeguard: conflictEvidence(conflict) },
  });
}

/** A conflict for people on a terminal, in two lines. */
export function conflictText(conflict: AddressConflict): string {
  const { address, mac, previousMac } = conflict;
  return `${plainTime(conflict.time)}  severity ${CONFLICT_SEVERITY}  ${address} ARP  ${previousMac} -> ${mac}  address-conflict (rule)\n    ${conflictReason(conflict)}`;
}

/** A name for a conflict, the same in every run. Shaped as a UUID (RFC 9562, version 8). */
function conflictId({ time, vlan, address, mac, previousMac }: AddressConflict): string {
  const hex = createHash('sha256').update([time, vlan, address, mac, previousMac].join('|')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** ECS writes MAC addresses as RFC 7042 does. */
function ecsMac(mac: string): string {
  return mac.toUpperCase().replaceAll(':', '-');
}
