import type { ColumnKind, FeatureColumn } from '@edgeguard/contracts';
import type { FlowRecord } from '../records/flow-record.ts';

/** One model input: its column, and how a record gives its value. This is the only place where a feature is defined. */
export interface Feature {
  readonly column: FeatureColumn;
  /** The attacks, or what else, that it helps to see. */
  readonly shows: string;
  /** The stretch of traffic that the value is about. */
  readonly window: string;
  readonly value: (record: FlowRecord) => number;
}

/** What a definition says; the rest follows. */
export interface FeatureDefinition {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** How the value is computed. */
  readonly formula: string;
  /** The attacks, or what else, that it helps to see. */
  readonly shows: string;
  readonly kind: ColumnKind;
  /** UCUM. */
  readonly unit: string;
  readonly range: readonly [number | null, number | null];
  /** The s of log1p(x / s), in the unit; see DESIGN of transforms. */
  readonly logScale?: number;
  /** The stretch of traffic that the value is about, where the name does not end with it and it is not the flow. */
  readonly window?: string;
  readonly value: (record: FlowRecord) => number;
}

const FRACTION = [0, 1] as const;
const FROM_ZERO = [0, null] as const;

/** Names the features of one family. */
export function family(name: string, definitions: readonly FeatureDefinition[]): readonly Feature[] {
  return definitions.map(({ value, shows, window, ...definition }) => ({
    column: { ...definition, role: 'feature', type: 'float32', family: name },
    shows,
    window: window ?? windowOf(definition.name),
    value,
  }));
}

/** The window that ends a feature's name, `10 s` to `1 h`, else the flow itself. */
function windowOf(name: string): string {
  const [, length, unit] = /_(\d+)(s|min|h)$/.exec(name) ?? [];
  return length === undefined ? 'flow' : `${length} ${unit}`;
}

type Described = Pick<FeatureDefinition, 'name' | 'description' | 'formula' | 'shows' | 'window' | 'value'>;

/** How many of something: `{packet}`, `{flow}`, … */
export function count(of: string, feature: Described): FeatureDefinition {
  return { ...feature, kind: 'count', unit: `{${of}}`, range: FROM_ZERO };
}

export function bytes(feature: Described): FeatureDefinition {
  return { ...feature, kind: 'bytes', unit: 'By', range: FROM_ZERO };
}

/** A duration; `logScale` is the s in seconds. */
export function seconds(logScale: number, feature: Described): FeatureDefinition {
  return { ...feature, kind: 'seconds', unit: 's', range: FROM_ZERO, logScale };
}

/** A share, 0 to 1. */
export function share(feature: Described): FeatureDefinition {
  return { ...feature, kind: 'ratio', unit: '1', range: FRACTION };
}

/** 0 or 1. */
export function flag(
  feature: Omit<Described, 'value'> & { value: (record: FlowRecord) => boolean },
): FeatureDefinition {
  const { value } = feature;
  return { ...feature, value: (record) => (value(record) ? 1 : 0), kind: 'flag', unit: '1', range: FRACTION };
}

/** a / b, and 0 where b is 0. */
export function quotient(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/** (a - b) / (a + b), and 0 where both are 0: 1 where only a is. */
export function asymmetry(a: number, b: number): number {
  return a + b > 0 ? (a - b) / (a + b) : 0;
}

/** Standard deviation of n values from their sum and the sum of their squares; 0 for fewer than two. */
export function deviation(n: number, sum: number, squares: number): number {
  if (n < 2) return 0;
  const mean = sum / n;
  const variance = squares / n - mean * mean;
  return variance > 0 ? Math.sqrt(variance) : 0;
}
