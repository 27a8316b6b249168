import type { Precision } from '@edgeguard/contracts';
import type { Contribution, Counterfactual, EpisodeSummary, FamilyShare, Finding } from '@edgeguard/detection';
import type { FlowNames } from './flow-names.ts';

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

/** The row of a table that an alert is about, where there is no flow. */
export interface TableRow {
  /** The table's file name, without its folder. */
  readonly table: string;
  /** Counts from 1; a header is no row. */
  readonly number: number;
}

/** What an alert says of a record beside its score. */
export interface AlertSubject {
  /**
   * Traffic time at which the record was emitted, nanoseconds since the Unix epoch. For a row of a table that has no time
   * that of the run, which is when the alert arose.
   */
  readonly time: bigint;
  /** Absent for rows of a table. */
  readonly flow?: AlertFlow;
  /** Present for rows of a table. */
  readonly row?: TableRow;
  /** Which record of the flow: an age class such as `1s` or `final`; absent for rows of a table. */
  readonly ageClass?: string;
  /** True in the sensor's first ten minutes, while the windows behind its features are still filling. */
  readonly coldStart?: boolean;
}

/** A record whose score lies above the threshold, before it has any format. */
export interface Alert extends AlertSubject {
  readonly score: number;
  readonly threshold: number;
  /** Conformal p-value: the share of normal rows expected to score as high. */
  readonly pValue: number;
  readonly detector: AlertDetector;
  /** The features that explain the most, first what the score falls most without. */
  readonly contributions: readonly Contribution[];
  /** Features with the largest shares, at most five: what episodes and suppressions go by. */
  readonly causes: readonly string[];
  /** What the features of each family added together, largest first. */
  readonly families: readonly FamilyShare[];
  /** The smallest change that silences it, scored again; absent where none was found. */
  readonly counterfactual?: Counterfactual;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly severity: Severity;
  /** What it looks like. */
  readonly finding: Finding;
  /** The episode that it opens, changes or closes; absent where each record above the threshold has an alert of its own. */
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
