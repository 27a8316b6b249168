import type { Precision } from '@edgeguard/contracts';
import type { FlowNames } from './flow-names.ts';
import type { Contribution, EpisodeSummary, Finding } from '@edgeguard/detection';

/** One end of a flow. `port` is absent where the protocol has none. */
export interface Endpoint {
  readonly address: string;
  readonly port?: number;
}

/** The flow that a record is about. */
export interface AlertFlow {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** IP protocol number. */
  readonly protocol: number;
  /** Innermost VLAN identifier; absent without a tag. */
  readonly vlan?: number;
  /** Traffic time of the flow's first packet, nanoseconds since the Unix epoch. */
  readonly start: bigint;
  readonly packetsToServer?: number;
  readonly packetsToClient?: number;
  /** Bytes of frames as on the wire; of IP packets where a detector of flow-core looked. */
  readonly bytesToServer?: number;
  readonly bytesToClient?: number;
  /** Names for people, where some are known. */
  readonly names?: FlowNames;
  /** Who metered the flow, where it was not EdgeGuard, and how it is called there. */
  readonly sensor?: { readonly name: string; readonly uid: string };
}

/** A record whose score lies above the threshold, before it has any format. */
export interface Alert {
  /** Traffic time at which the record was emitted, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  readonly flow: AlertFlow;
  /** Which record of the flow: an age class such as `1s` or `final` */
  readonly ageClass: string;
  /** True in the sensor's first ten minutes, while the windows behind its features are still filling. */
  readonly coldStart: boolean;
  readonly score: number;
  readonly threshold: number;
  /** Conformal p-value: the share of normal rows expected to score as high. */
  readonly pValue: number;
  readonly detector: AlertDetector;
  /** Largest share first. */
  readonly contributions: readonly Contribution[];
  /** Why, in one sentence. */
  readonly reason: string;
  readonly severity: Severity;
  /** What it looks like. */
  readonly finding: Finding;
  /** The episode that it opens or closes; absent where each record above the threshold has an alert of its own. */
  readonly episode?: AlertEpisode;
  /** The network interface, for live traffic. */
  readonly interface?: string;
}

/** Alerts that belong together, as far as they are known. */
export interface AlertEpisode extends EpisodeSummary {
  readonly state: 'open' | 'update' | 'close';
}

/** Which detector spoke. */
export interface AlertDetector {
  readonly name: string;
  readonly precision: Precision;
  /** SHA-256 of graph and weights. */
  readonly model: string;
}

/** 1 is the most severe, as in Suricata. */
export type Severity = 1 | 2 | 3;
