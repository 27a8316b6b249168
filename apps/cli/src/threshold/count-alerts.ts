import { createLogger } from '@edgeguard/contracts/stage';
import { openDetector, type RowThresholds } from '@edgeguard/detection';
import { detect } from '@edgeguard/runtime';

/**
 * How many alerts captures would raise under each threshold. Each capture is taken by itself.
 *
 * @param detector   bytes of the detector file
 * @param thresholds undefined where there is none to try
 */
export async function countAlerts(
  detector: Uint8Array,
  captures: readonly string[],
  thresholds: readonly (RowThresholds | undefined)[],
  signal: AbortSignal,
): Promise<(number | undefined)[]> {
  const log = createLogger('threshold', 'warn');
  const opened = await openDetector(detector);
  const source = { kind: 'captures', paths: captures, merge: false } as const;
  const counts: (number | undefined)[] = [];
  try {
    for (const threshold of thresholds) {
      if (threshold === undefined) counts.push(undefined);
      else counts.push((await detect({ detector: opened, source, outputs: [], threshold, log, signal })).alerts);
    }
  } finally {
    opened.dispose();
  }
  return counts;
}
