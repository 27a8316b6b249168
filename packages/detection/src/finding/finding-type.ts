import type { Contribution } from '../explanation/explain-row.ts';

/** What an anomaly looks like, from its explanation alone. The list is stable: operators filter by it. */
export const FINDING_TYPES = [
  'scan-like',
  'flood-like',
  'guessing-like',
  'beacon-like',
  'exfiltration-like',
  'unknown',
] as const;
export type FindingType = (typeof FINDING_TYPES)[number];

/** A finding with the evidence for it. */
export interface Finding {
  readonly type: FindingType;
  /** Share of the score that speaks for the type, 0..1; 0 for `unknown`. */
  readonly support: number;
  /** MITRE ATT&CK technique, only where the look of the traffic is the technique itself. */
  readonly technique?: string;
}

/** Contributions that speak for a type: those of a family and unit whose value is higher than usual. */
interface FindingRule {
  readonly type: Exclude<FindingType, 'unknown'>;
  readonly technique?: string;
  readonly evidence: readonly { readonly family: string; readonly units: readonly string[] }[];
}

/**
 * By the schema's families and units, never by a column's name. An attack is told by what it does to the counts around a
 * flow, not by the flow itself: a scan reaches many hosts or ports, a flood comes in many flows at one host, guessing in
 * many flows of one pair, a beacon at equal intervals, an exfiltration in bytes that leave.
 */
const RULES: readonly FindingRule[] = [
  { type: 'scan-like', technique: 'T1046', evidence: [{ family: 'source-window', units: ['{host}', '{port}'] }] },
  {
    type: 'flood-like',
    technique: 'T1498',
    evidence: [
      { family: 'destination-window', units: ['{flow}', '{host}'] },
      { family: 'volume', units: ['{packet}/s'] },
    ],
  },
  { type: 'guessing-like', technique: 'T1110', evidence: [{ family: 'pair-window', units: ['{flow}'] }] },
  { type: 'beacon-like', evidence: [{ family: 'pair-window', units: ['1'] }] },
  {
    type: 'exfiltration-like',
    evidence: [
      { family: 'source-window', units: ['By'] },
      { family: 'pair-window', units: ['By'] },
      { family: 'volume', units: ['By'] },
    ],
  },
];

/** A type needs this share of the score… */
const LEAST_SUPPORT = 0.1;
/** …and so many times the support of the next best. */
const CLEAR_LEAD = 1.25;

/**
 * What an anomaly looks like. `unknown` where no type is clearly ahead: most anomalies are none of these.
 *
 * @param contributions of all features (`explainRow` with `top: Infinity`): shares of features that are left out count for
 *                      nothing
 */
export function findingType(contributions: readonly Contribution[]): Finding {
  const ranked = RULES.map(({ type, technique, evidence }) => {
    const speaking = contributions.filter(
      (each) =>
        isHigh(each) && evidence.some(({ family, units }) => family === each.family && units.includes(each.unit)),
    );
    return { type, technique, support: speaking.reduce((sum, { share }) => sum + share, 0) };
  }).sort((a, b) => b.support - a.support);
  const [best, next] = ranked;
  if (best!.support < LEAST_SUPPORT || best!.support < CLEAR_LEAD * next!.support) {
    return { type: 'unknown', support: 0 };
  }
  const { type, support, technique } = best!;
  return { type, support, ...(technique === undefined ? {} : { technique }) };
}

/** Higher than 95 of 100 train rows, and than what the model expects here. */
function isHigh({ observed, expected, usual }: Contribution): boolean {
  return (
    typeof observed === 'number' &&
    typeof expected === 'number' &&
    observed > expected &&
    (usual === undefined || observed > usual[1])
  );
}
