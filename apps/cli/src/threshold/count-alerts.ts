import { createLogger } from '@edgeguard/contracts/stage';
import { openDetector, type RowThresholds } from '@edgeguard/detection';
import { detect } from '@edgeguard/runtime';

/** Records above a threshold, and the episodes that an operator would be told of. */
export interface AlertCounts {
  readonly alerts: number;
  readonly episodes: number;
}

/**
 * How many alerts, in how many episodes, captures would raise under each threshold. Each capture is taken by itself.
 *
 * @param detector   bytes of the detector file
 * @param thresholds undefined where there is none to try
 */
export async function countAlerts(
  detector: Uint8Array,
  captures: readonly string[],
  thresholds: readonly (RowThresholds | undefined)[],
  signal: AbortSignal,
): Promise<(AlertCounts | undefined)[]> {
  const log = createLogger('threshold', 'warn');
  const opened = await openDetector(detector);
  const source = { kind: 'captures', paths: captures, merge: false } as const;
  const counts: (AlertCounts | undefined)[] = [];
  try {
    for (const threshold of thresholds) {
      if (threshold === undefined) counts.push(undefined);
      else {
        const { alerts, episodes } = await detect({ detector: opened, source, outputs: [], threshold, log, signal });
        counts.push({ alerts, episodes });
      }
    }
  } finally {
    opened.dispose();
  }
  return counts;
}
