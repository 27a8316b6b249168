import type { DetectorDocument } from '@edgeguard/contracts';
import { explainRow } from '../explanation/explain-row.ts';
import { findingType } from '../finding/finding-type.ts';
import type { EpisodeAlert } from './episode.ts';

/** Causes that an alert names. */
const CAUSES = 5;
const ALL = { top: Number.POSITIVE_INFINITY, smallestShare: 0 };

/** A row with the detector's outputs for it, all [F]. */
export interface ExplainedValues {
  readonly row: Float32Array;
  readonly expected: Float32Array;
  readonly featureErrors: Float32Array;
}

/** What the alert logic would see of a row above the threshold: for replays over rows of a dataset. */
export function episodeRecord(
  document: DetectorDocument,
  subject: Pick<EpisodeAlert, 'time' | 'source' | 'target' | 'score'>,
  { row, expected, featureErrors }: ExplainedValues,
): EpisodeAlert {
  const contributions = explainRow(document, row, expected, featureErrors, ALL);
  const { type } = findingType(contributions);
  return {
    ...subject,
    pValue: 1,
    severity: 3,
    causes: contributions.slice(0, CAUSES).map(({ feature }) => feature),
    ...(type === 'unknown' ? {} : { finding: type }),
  };
}
