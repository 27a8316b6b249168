// `npm run bench [-- suite ... [--markdown]]`: prints the suites that are named, or all of them.
import { UsageError } from '@edgeguard/contracts';
import { runCommand } from '@edgeguard/contracts/stage';
import { printInMarkdown } from './harness/table.ts';
import { benchDetect } from './suites/detect.ts';
import { benchDetection } from './suites/detection.ts';
import { benchDrift } from './suites/drift.ts';
import { benchExplanations } from './suites/explanations.ts';
import { benchInference } from './suites/inference.ts';
import { benchMetering } from './suites/metering.ts';
import { benchScale } from './suites/scale.ts';
import { benchTraining } from './suites/training.ts';

const SUITES: Readonly<Record<string, () => Promise<void>>> = {
  metering: benchMetering,
  training: benchTraining,
  scale: benchScale,
  inference: benchInference,
  detect: benchDetect,
  detection: benchDetection,
  drift: benchDrift,
  explanations: benchExplanations,
};

await runCommand('bench', async () => {
  const named = process.argv.slice(2).filter((argument) => argument !== '--markdown');
  if (process.argv.includes('--markdown')) printInMarkdown();
  for (const name of named) {
    if (!(name in SUITES)) throw new UsageError(`no suite "${name}"; there are ${Object.keys(SUITES).join(', ')}`);
  }
  for (const name of named.length > 0 ? named : Object.keys(SUITES)) await SUITES[name]!();
});
