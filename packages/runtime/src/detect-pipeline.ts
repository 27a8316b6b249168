import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, fileProblem, type PipelineConfig, UserError } from '@edgeguard/contracts';
import {
  dataFolder,
  findWorkspaceRoot,
  type Logger,
  readPipelineConfig,
  type StageLocation,
} from '@edgeguard/contracts/stage';
import { openDetector } from '@edgeguard/detection';
import { detect } from './detect/detect.ts';
import type { DetectSummary } from './detect/summary.ts';
import { trafficSource } from './detect/traffic-source.ts';
import type { AlertFormat } from './output/alert-writer.ts';
import { openLineOutput, STANDARD_OUTPUT } from './output/line-output.ts';

/** Name of the alerts in the artifacts of the target `detect`. */
const ALERTS_FILE = 'alerts.eve.jsonl';

export interface PipelineDetection {
  readonly summary: DetectSummary;
  /** The file with all alerts as EVE JSON. */
  readonly alertsFile: string;
}

/**
 * The target `detect`: the pipeline's detector on the traffic that its config names. Alerts go to standard output and,
 * as EVE JSON, to `detect/alerts.eve.jsonl` of the artifacts.
 *
 * @param format of the alerts on standard output
 */
export async function detectPipeline(
  location: StageLocation,
  format: AlertFormat,
  log: Logger,
  signal: AbortSignal,
): Promise<PipelineDetection> {
  const config = await readPipelineConfig(location.pipelineFolder);
  if (!config.detect) {
    throw new UserError(
      `${join(location.pipelineFolder, CONFIG_FILE)}: detect`,
      'the section is missing',
      'say in detect.source which traffic to look at',
    );
  }
  const detector = await openDetector(detectorPath(location, config.detect.precision), {
    log: (line) => log.info(line),
  });
  const folder = join(location.artifacts, 'detect');
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
  const alertsFile = join(folder, ALERTS_FILE);
  const file = openLineOutput(alertsFile);
  try {
    const summary = await detect({
      detector,
      source: trafficSource(config.detect.source, seedOf(config), {
        pipelineFolder: location.pipelineFolder,
        dataFolder: dataFolder(findWorkspaceRoot(location.pipelineFolder)),
      }),
      outputs: [
        { lines: openLineOutput(STANDARD_OUTPUT), format },
        { lines: file, format: 'eve' },
      ],
      log,
      signal,
    });
    return { summary, alertsFile };
  } finally {
    file.close();
    detector.dispose();
  }
}

function detectorPath({ artifacts }: StageLocation, precision: string): string {
  const path = join(artifacts, 'convert', `detector.${precision}.tflite`);
  if (!existsSync(path)) {
    throw new UserError(path, 'detect needs it and it is not there', 'run the stage convert first');
  }
  return path;
}

/** Never the seed of training: the detector would be shown the very traffic that it knows. */
function seedOf(config: PipelineConfig): number {
  return config.detect?.seed ?? config.seed + 1;
}
