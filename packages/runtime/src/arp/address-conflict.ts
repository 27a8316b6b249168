/**
 * An IPv4 address that a second MAC address claims by ARP while the claim of the first is fresh. A rule finds it, no model:
 * it has no score, threshold or p-value.
 */
export interface AddressConflict {
  /** Capture time of the claim, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  /** Absent without a tag. */
  readonly vlan?: number;
  /** The address that is claimed. */
  readonly address: string;
  readonly mac: string;
  readonly previousMac: string;
  /** Seconds since the latest claim of the MAC address before. */
  readonly previousAge: number;
  /** Whom the message was sent to. */
  readonly target: { readonly address: string; readonly mac: string };
  /** What the message was: `request`, `reply` or `announcement`. */
  readonly message: string;
  /** False for a reply that nobody was seen to ask for. */
  readonly solicited: boolean;
  /** How often the address has changed hands so far. */
  readonly changes: number;
  /** The network interface, for live traffic. */
  readonly interface?: string;
}

/** Suricata's identifiers of local use; beside those of `alert/signatures.ts`. */
export const CONFLICT_SIGNATURE = {
  id: 1_000_200,
  revision: 1,
  text: 'EdgeGuard rule: an address is claimed by two MAC addresses (ARP)',
} as const;
/** Adversary-in-the-Middle: ARP Cache Poisoning. Two claims are what it looks like, and also what an address given twice does. */
export const CONFLICT_TECHNIQUE = 'T1557.002';
/** Suspicious, and no more: an address that was given twice by mistake looks the same. */
export const CONFLICT_SEVERITY = 2;

/** What happened, in one sentence. */
export function conflictReason(conflict: AddressConflict): string {
  const { address, mac, previousMac, previousAge, changes, solicited, message } = conflict;
  const how = solicited ? `an ARP ${message}` : `an ARP ${message} that nobody asked for`;
  const often = changes > 1 ? `; it has changed hands ${changes} times` : '';
  return `${mac} claims ${address} by ${how}, which ${previousMac} claimed ${seconds(previousAge)} s before${often}`;
}

/** The evidence, under one name in every structured format. */
export function conflictEvidence(conflict: AddressConflict): Record<string, unknown> {
  return {
    kind: 'rule',
    finding: 'address-conflict',
    reason: conflictReason(conflict),
    address: conflict.address,
    mac: conflict.mac,
    previous_mac: conflict.previousMac,
    previous_age: conflict.previousAge,
    message: conflict.message,
    solicited: conflict.solicited,
    changes: conflict.changes,
  };
}

function seconds(value: number): string {
  return String(Number(value.toPrecision(3)));
}
