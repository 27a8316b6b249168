import type { DetectorDocument } from '@edgeguard/contracts';
import type { RowScorer } from '../explanation/score-drops.ts';

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
  /** Share of the score that goes away without what speaks for the type, 0..1; 0 for `unknown`. */
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
const LEAST_SUPPORT = 0.05;
/** …and so many times the support of the next best. */
const CLEAR_LEAD = 1.25;

/** Tells what anomalies of one detector look like. */
export class FindingClassifier {
  readonly #scorer: RowScorer;
  /** For each rule the features that may speak for it. */
  readonly #features: readonly (readonly number[])[];
  readonly #changed: Float32Array;
  readonly #score = new Float32Array(1);

  constructor(scorer: RowScorer) {
    this.#scorer = scorer;
    const { features } = scorer.document.schema;
    this.#features = RULES.map((rule) =>
      [...features.keys()].filter((f) => features[f]!.kind !== 'category' && speaksFor(rule, features[f]!)),
    );
    this.#changed = new Float32Array(features.length);
  }

  /**
   * What an anomaly looks like: by the features that are higher than in 95 of 100 train rows, and than the model expects
   * here. A type is supported by what the score falls by when all of them that speak for it are as expected and the row is
   * scored again. `unknown` where no type is clearly ahead: most anomalies are none of these.
   *
   * @param row      raw values [F]
   * @param expected the detector's output `expected` for it [F]
   * @param score    the row's score
   */
  classify(row: Float32Array, expected: Float32Array, score: number): Finding {
    const scan = this.#supportOf(SCAN, row, expected, score, false);
    let best = SCAN;
    let most = scan;
    let next = 0;
    for (let rule = 0; rule < RULES.length; rule++) {
      if (rule === SCAN) continue;
      const support = this.#supportOf(rule, row, expected, score, scan >= LEAST_SUPPORT);
      if (support > most) {
        next = most;
        most = support;
        best = rule;
      } else next = Math.max(next, support);
    }
    if (most < LEAST_SUPPORT || most < CLEAR_LEAD * next) return UNKNOWN;
    const { type, technique } = RULES[best]!;
    return { type, support: most, ...(technique === undefined ? {} : { technique }) };
  }

  /** The share of the score that goes away without what speaks for a type. */
  #supportOf(rule: number, row: Float32Array, expected: Float32Array, score: number, isScan: boolean): number {
    const { baselines, schema } = this.#scorer.document;
    const changed = this.#changed;
    let evidence = 0;
    for (const f of this.#features[rule]!) {
      if (!(row[f]! > expected[f]! && row[f]! > baselines[f]!.p95)) continue;
      if (isScan && schema.features[f]!.unit === OF_SCANS_TOO) continue;
      if (evidence++ === 0) changed.set(row);
      changed[f] = Math.max(0, expected[f]!);
    }
    if (evidence === 0 || !(score > 0)) return 0;
    this.#scorer.score(changed, 1, this.#score);
    return Math.max(0, (score - this.#score[0]!) / score);
  }
}

const UNKNOWN: Finding = { type: 'unknown', support: 0 };

function speaksFor({ evidence }: FindingRule, feature: DetectorDocument['schema']['features'][number]): boolean {
  return evidence.some(({ family, units }) => family === feature.family && units.includes(feature.unit));
}
