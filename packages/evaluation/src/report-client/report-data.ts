/** What the page's script draws. The tables are in the page itself; all of this is data, never markup. */
export interface ReportData {
  readonly detectors: readonly DetectorView[];
  readonly curves: readonly CurveView[];
  readonly training: TrainingView | null;
}

/** One detector on the test split. */
export interface DetectorView {
  readonly name: string;
  /** Confidence of the bounds in `grid`. */
  readonly confidence: number;
  readonly groups: readonly GroupView[];
  /** Left edges of the histogram bins, as decimal logarithms of the score, and one right edge at the end. */
  readonly edges: readonly number[];
  readonly grid: ThresholdGrid;
  readonly timeline: Timeline;
  /** In the order of their beginnings; none where rows have no time or no ends. */
  readonly episodes: readonly EpisodeView[];
}

/** Rows that are shown as one: a split's normal rows, or one attack. */
export interface GroupView {
  readonly name: string;
  readonly kind: 'train' | 'calibration' | 'normal' | 'attack';
  readonly rows: number;
  /** Rows per histogram bin. */
  readonly counts: readonly number[];
}

/** Counts at each of a list of thresholds, made by the library: the page only divides them. */
export interface ThresholdGrid {
  /** Ascending. A row raises an alert when its score is strictly above. */
  readonly threshold: readonly number[];
  /** Index of the shipped threshold. */
  readonly shipped: number;
  readonly normalRows: number;
  readonly attackRows: number;
  readonly falseAlarms: readonly number[];
  readonly detections: readonly number[];
  /** Alerts on rows that are neither normal nor attack. */
  readonly otherAlerts: readonly number[];
  readonly perAttack: readonly AttackCounts[];
  /** Upper bound of the false alarm rate from the calibration rows. */
  readonly bound: readonly number[];
  /** Expected false alarm rate from the calibration rows. */
  readonly expected: readonly number[];
  /** Days of traffic in the test split; null where rows have no time. */
  readonly days: number | null;
  /** Episodes that normal rows of test open; null where rows have no time or no ends, and below all that was replayed. */
  readonly episodes: readonly (number | null)[];
  /** In a day by the replay of calibration rows, and the upper bound of that; null likewise. */
  readonly expectedEpisodes: readonly (number | null)[];
  readonly episodeBound: readonly (number | null)[];
}

export interface AttackCounts {
  readonly attack: string;
  readonly rows: number;
  readonly detections: readonly number[];
}

/** Scores along the test split, thinned: of each interval and group the first and the highest row. */
export interface Timeline {
  /** `time`: x is seconds since the Unix epoch. `row`: x is the row's place in the split. */
  readonly axis: 'time' | 'row';
  readonly x: readonly number[];
  readonly score: readonly number[];
  /** Index into `groupNames`. */
  readonly group: readonly number[];
  /** The first is `normal`; attacks follow. */
  readonly groupNames: readonly string[];
  readonly thinned: boolean;
}

/** Alerts that belong together, at the shipped threshold. */
export interface EpisodeView {
  /** Seconds since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  readonly alerts: number;
  /** What opened it, an index into the timeline's `groupNames`; -1 for rows that are neither normal nor attack. */
  readonly group: number;
}

/** An operating curve, as shares. */
export interface CurveView {
  readonly name: string;
  readonly isDetector: boolean;
  readonly falseAlarmRate: readonly number[];
  readonly detectionRate: readonly number[];
  readonly precision: readonly number[];
  /** 1 / normal rows: the smallest false alarm rate that can be seen. */
  readonly finest: number;
  /** Pointwise bands of 95 %, where there are any: the detection rate at false alarm rates, the precision at recalls. */
  readonly rocBand: BandView | null;
  readonly prBand: BandView | null;
  /** What the shipped threshold does. */
  readonly shipped: {
    readonly falseAlarmRate: number;
    readonly detectionRate: number;
    readonly precision: number | null;
  };
}

export interface BandView {
  readonly at: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Losses by epoch. */
export interface TrainingView {
  readonly epoch: readonly number[];
  readonly train: readonly number[];
  readonly validation: readonly number[];
}
