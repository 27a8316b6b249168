import type { DetectorDocument } from '@edgeguard/contracts';

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
  /**
   * MITRE ATT&CK technique, only where the look of the traffic is the technique itself: reaching many hosts and ports
   * (T1046), exhausting a host with flows (T1498). Whether many flows of a pair try passwords, or bytes that leave are
   * stolen, nobody sees from outside.
   */
  readonly technique?: string;
}

/** Features that speak for a type: those of a family and unit whose value is higher than usual. */
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
  { type: 'guessing-like', evidence: [{ family: 'pair-window', units: ['{flow}'] }] },
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

/** Of {@link RULES}. */
const SCAN = 0;
/** Counts of flows speak for other types only where the source does not reach many hosts or ports: a scan makes them too. */
const OF_SCANS_TOO = '{flow}';

/** A type needs this share of the score… */
const LEAST_SUPPORT = 0.1;
/** …and so many times the support of the next best. */
const CLEAR_LEAD = 1.25;

/** Tells what anomalies of one detector look like. */
export class FindingClassifier {
  readonly #document: DetectorDocument;
  /** For each feature the types that it speaks for, as indices of the rules. */
  readonly #speaksFor: readonly (readonly number[])[];
  readonly #support = new Float64Array(RULES.length);
  /** What of it comes from counts of flows. */
  readonly #flows = new Float64Array(RULES.length);

  constructor(document: DetectorDocument) {
    this.#document = document;
    this.#speaksFor = document.schema.features.map((feature) =>
      feature.kind === 'category' ? [] : [...RULES.keys()].filter((rule) => speaksFor(RULES[rule]!, feature)),
    );
  }

  /**
   * What an anomaly looks like: by the features that are higher than in 95 of 100 train rows, and than the model expects
   * here. `unknown` where no type is clearly ahead: most anomalies are none of these.
   *
   * @param row           raw values [F]
   * @param expected      the detector's output `expected` for it [F]
   * @param featureErrors the detector's output `feature_error` for it [F]
   */
  classify(row: ArrayLike<number>, expected: ArrayLike<number>, featureErrors: ArrayLike<number>): Finding {
    const support = this.#support.fill(0);
    const flows = this.#flows.fill(0);
    const { baselines, schema } = this.#document;
    let total = 0;
    for (let f = 0; f < this.#speaksFor.length; f++) {
      const error = Math.max(0, featureErrors[f]!);
      total += error;
      const rules = this.#speaksFor[f]!;
      if (rules.length === 0 || !(row[f]! > expected[f]! && row[f]! > baselines[f]!.p95)) continue;
      for (const rule of rules) {
        support[rule]! += error;
        if (schema.features[f]!.unit === OF_SCANS_TOO) flows[rule]! += error;
      }
    }
    if (support[SCAN]! >= LEAST_SUPPORT * total) {
      for (let rule = 0; rule < support.length; rule++) if (rule !== SCAN) support[rule]! -= flows[rule]!;
    }
    let best = 0;
    for (let rule = 1; rule < support.length; rule++) if (support[rule]! > support[best]!) best = rule;
    let next = 0;
    for (let rule = 0; rule < support.length; rule++) if (rule !== best) next = Math.max(next, support[rule]!);
    const share = total > 0 ? support[best]! / total : 0;
    if (share < LEAST_SUPPORT || support[best]! < CLEAR_LEAD * next) return UNKNOWN;
    const { type, technique } = RULES[best]!;
    return { type, support: share, ...(technique === undefined ? {} : { technique }) };
  }
}

const UNKNOWN: Finding = { type: 'unknown', support: 0 };

function speaksFor({ evidence }: FindingRule, feature: DetectorDocument['schema']['features'][number]): boolean {
  return evidence.some(({ family, units }) => family === feature.family && units.includes(feature.unit));
}
