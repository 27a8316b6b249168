/** What an ARP message is. A probe claims nothing; an announcement (gratuitous ARP) has the sender as its target. */
export const ARP_KINDS = ['request', 'reply', 'probe', 'announcement'] as const;
export type ArpKind = (typeof ARP_KINDS)[number];

/**
 * What the message does to the claim of its sender's address: `none` for a probe, `new` for the first claim that is
 * remembered, `same`, `moved` for another MAC address than before after a long silence of that one, and `conflict` for
 * another MAC address while the claim of the one before is fresh.
 */
export const ARP_CLAIMS = ['none', 'new', 'same', 'moved', 'conflict'] as const;
export type ArpClaim = (typeof ARP_CLAIMS)[number];

/** One ARP message and what it means. The table reuses a single object: read it during the call. */
export class ArpRecord {
  /** Capture time: whole seconds since the epoch, and nanoseconds. */
  timeSeconds = 0;
  timeNanoseconds = 0;
  vlan = 0;
  kind: ArpKind = 'request';
  claim: ArpClaim = 'none';
  /** False for a reply that no request of its target, seen in the 10 s before, asked for. */
  solicited = true;
  senderMac = '';
  senderIp = '';
  targetMac = '';
  targetIp = '';
  /** With `moved` and `conflict`: the MAC address before, and the seconds since its latest claim. */
  previousMac = '';
  previousAge = 0;
  /** How often the address has changed hands so far. */
  changes = 0;
}

/** Takes ARP records as messages come. */
export interface ArpSink {
  arp(record: ArpRecord): void;
}

/** Counts of an ARP table since it was made. */
export interface ArpStatistics {
  /** Messages that were read; those that could not be are `malformed`. */
  readonly messages: number;
  readonly malformed: number;
  /** Of both, those in tunnels, whose packets are metered; the others are skipped packets of the meter. */
  readonly tunnelled: number;
  readonly conflicts: number;
  readonly unsolicitedReplies: number;
  /** Claims, and requests, forgotten to make room. */
  readonly evictedClaims: number;
  readonly evictedRequests: number;
}
