import { formatJson } from '@edgeguard/contracts';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { detectorReport } from './detector-report.ts';
import { formatReport } from './format-report.ts';

/** `edgeguard inspect`. */
export async function inspectDetector(path: string, json: boolean): Promise<void> {
  const report = await detectorReport(path);
  await openLineOutput(STANDARD_OUTPUT).write(json ? formatJson(report) : formatReport(report));
}
