import type { Detector, DriftMonitor, EpisodeOptions, RowThresholds, Suppressor, Vote } from '@edgeguard/detection';
import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { Logger } from '@edgeguard/contracts/stage';
import type { AlertOutput } from '../output/alert-writer.ts';
import type { TrafficSource } from './traffic-source.ts';

/** What `detect` is asked for. */
export interface DetectRequest {
  readonly detector: Detector;
  readonly source: TrafficSource;
  /** Where alerts go, and how they are written there. The caller closes them. */
  readonly outputs: readonly AlertOutput[];
  /** In place of the detector's own threshold: one for all rows, or by category. */
  readonly threshold?: number | RowThresholds;
  /** Watches all scored records but those of the first minutes, while windows are still filling. */
  readonly drift?: DriftMonitor;
  /** What is told of the records above the threshold. */
  readonly alerting?: Alerting;
  /** Replaces addresses and names in what is written, after scoring, grouping and suppression. */
  readonly anonymiser?: Anonymiser;
  /** The time of the run, nanoseconds since the Unix epoch, for rows of tables without a time. Default: now. */
  readonly now?: bigint;
  readonly log: Logger;
  /** Ends the run; an interface is watched until then. */
  readonly signal: AbortSignal;
  /** Called now and then with the share of the source that has been read, where that is known. */
  readonly onProgress?: (share: number) => void;
}

/** What is told of the records above the threshold. */
export interface Alerting {
  /** `episodes` (default): alerts that belong together are told of when they begin, change and end. `each`: every record. */
  readonly tell?: 'episodes' | 'each';
  readonly episodes?: EpisodeOptions;
  /** An episode is told of when so many of its source's latest records were above the threshold. */
  readonly vote?: Vote;
  /** Share of the threshold, at most 1, above which a record keeps an episode going. Default 1: none but alerts do. */
  readonly release?: number;
  /** Rules under which alerts are counted and not told. */
  readonly suppressor?: Suppressor;
}
