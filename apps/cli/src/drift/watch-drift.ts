import { UsageError } from '@edgeguard/contracts';
import { createLogger, Interrupted } from '@edgeguard/contracts/stage';
import {
  type Detector,
  DriftMonitor,
  openDetector,
  pValue,
  rowThresholds,
  type RowThresholds,
} from '@edgeguard/detection';
import { detect, openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime';
import type { DriftOptions } from '../commands/drift.ts';
import { findPolicy } from '../threshold/find-policy.ts';
import { type DriftClock, formatDrift } from './format-drift.ts';
import { watchDataset } from './watch-dataset.ts';

const DATASET = /\.arrow$/;

/** `edgeguard drift`. */
export async function watchDrift(
  path: string,
  traffic: readonly string[],
  options: DriftOptions,
  signal: AbortSignal,
): Promise<void> {
  const datasets = traffic.filter((each) => DATASET.test(each));
  if (datasets.length > 0 && datasets.length < traffic.length) {
    throw new UsageError('give either captures or Arrow datasets, not both');
  }
  const log = createLogger('drift', 'warn');
  const detector = await openDetector(path);
  try {
    const found = await findPolicy(path, detector, options.policy);
    const thresholds = rowThresholds(detector, found?.policy);
    const monitor = driftMonitor(detector, thresholds);
    let clock: DriftClock = 'seconds';
    for (const dataset of datasets) {
      if (!(await watchDataset(dataset, detector, thresholds, monitor, signal))) clock = 'rows';
    }
    if (datasets.length === 0) {
      // What has been seen of drift goes on from capture to capture, each with windows of its own.
      const source = { kind: 'captures', paths: traffic, merge: options.merge === true } as const;
      await detect({ detector, source, outputs: [], threshold: thresholds, drift: monitor, log, signal });
    }
    if (signal.aborted) throw new Interrupted();
    const report = monitor.report();
    const text = options.json ? JSON.stringify({ clock, ...report }, null, 2) : formatDrift(report, clock);
    await openLineOutput(STANDARD_OUTPUT).write(`${text}\n`);
  } finally {
    detector.dispose();
  }
}

/** A monitor for traffic that is scored with some thresholds. */
export function driftMonitor(
  detector: Detector,
  thresholds: RowThresholds,
  onChange?: ConstructorParameters<typeof DriftMonitor>[2],
): DriftMonitor {
  const { document } = detector;
  return new DriftMonitor(document, pValue(document.pValues, thresholds.lowest), onChange);
}
