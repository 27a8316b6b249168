export const DRIFT_STATES = ['stable', 'watch', 'drifted'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** What can move: a feature's distribution, that of the scores, the alarm rate; or what a sensor does when it changes. */
export type DriftSignalKind = 'feature' | 'scores' | 'alarms' | 'sensor';

/** One thing that is watched. */
export interface DriftSignal {
  readonly kind: DriftSignalKind;
  /** The feature, or what is wrong. */
  readonly name: string;
  /** In the latest block, and what it has to exceed to have moved; absent for signs of the sensor. */
  readonly value?: number;
  readonly limit?: number;
  /** Of the latest five blocks, and of all. */
  readonly recent: number;
  readonly blocks: number;
}

/** The state has changed. */
export interface DriftChange {
  /** Traffic time, seconds since the Unix epoch. */
  readonly time: number;
  readonly from: DriftState;
  readonly state: DriftState;
  /** What the change looks like; absent for `stable`. */
  readonly cause?: 'sensor' | 'network';
  /** What moved, the longest first. */
  readonly moved: readonly string[];
}

/** All that was seen. */
export interface DriftReport {
  readonly state: DriftState;
  readonly cause?: 'sensor' | 'network';
  /** Rows looked at, those left out as their windows were still filling, and those without a score. */
  readonly rows: number;
  readonly coldStart: number;
  readonly notFinite: number;
  /** Share of packets that the sensor lost before it could read them; a live capture alone tells, at its end. */
  readonly lostShare: number;
  readonly blockRows: number;
  readonly blocks: number;
  /** Blocks in which the alarm rate rose by one source or target alone: an attack rather than drift. */
  readonly attackBlocks: number;
  /** Blocks in which anything moved. */
  readonly signals: readonly DriftSignal[];
  readonly changes: readonly DriftChange[];
  /** Changes of state beyond those kept. */
  readonly furtherChanges: number;
}

/** A change in one line. */
export function describeChange({ state, cause, moved }: DriftChange): string {
  if (state === 'stable') return 'stable again';
  const what = cause === 'sensor' ? 'the sensor seems to have changed' : 'the network seems to have changed';
  return `${state}: ${what}: ${moved.slice(0, 5).join(', ')}${moved.length > 5 ? ` and ${moved.length - 5} more` : ''}`;
}
