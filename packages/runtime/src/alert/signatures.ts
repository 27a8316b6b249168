import type { FindingType } from '@edgeguard/detection';
import type { Alert } from './alert.ts';

/** What an alert is called: Suricata's identifiers in the range that is left to local use, 1,000,000 to 1,999,999. */
export interface Signature {
  readonly id: number;
  readonly revision: number;
  readonly text: string;
}

/** By what the anomaly looks like, where that is clear. */
const FINDINGS: Readonly<Record<FindingType, Signature | undefined>> = {
  'scan-like': signature(1_000_100, 'looks like a scan'),
  'flood-like': signature(1_000_101, 'looks like a flood'),
  'guessing-like': signature(1_000_102, 'looks like guessing of passwords'),
  'beacon-like': signature(1_000_103, 'looks like a beacon'),
  'exfiltration-like': signature(1_000_104, 'looks like data leaving'),
  unknown: undefined,
};

/**
 * Otherwise by the feature family that added the most to the score. A number is never given another meaning: operators filter by
 * it.
 */
const FAMILIES: Readonly<Record<string, Signature>> = {
  volume: signature(1_000_010, 'unusual volume of a flow'),
  asymmetry: signature(1_000_011, 'unusual balance of directions'),
  'packet-size': signature(1_000_012, 'unusual packet sizes'),
  timing: signature(1_000_013, 'unusual timing of a flow'),
  connection: signature(1_000_014, 'unusual course of a connection'),
  context: signature(1_000_015, 'unusual kind of flow'),
  'source-window': signature(1_000_016, 'unusual behaviour of a source'),
  'destination-window': signature(1_000_017, 'unusual traffic to a destination'),
  'pair-window': signature(1_000_018, 'unusual traffic between two hosts'),
  'sensor-window': signature(1_000_019, 'unusual traffic as a whole'),
};

/** For families without an identifier of their own. */
const OTHER = signature(1_000_001, 'unusual flow');

function signature(id: number, what: string): Signature {
  return { id, revision: 1, text: `EdgeGuard anomaly: ${what}` };
}

/** The signature of an alert. */
export function signatureOf({ finding, contributions }: Pick<Alert, 'finding' | 'contributions'>): Signature {
  return FINDINGS[finding.type] ?? FAMILIES[contributions[0]?.family ?? ''] ?? OTHER;
}
