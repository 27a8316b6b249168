import type { SyntheticSourceConfig } from '@edgeguard/contracts';
import { createProgress, type StageContext, type StageReport } from '@edgeguard/contracts/stage';
import { synthesizeCapture, type SyntheticOptions, type SyntheticResult } from '@edgeguard/sources';
import { labelByRules } from '../labels/labeller.ts';
import { writeLabelRules } from '../labels/label-rules-file.ts';
import { meterCaptures } from '../metering/meter-captures.ts';

const CAPTURE = 'capture.pcap';
const LABELS = 'labels.arrow';
const PERCENT = 100;

/** Makes packets up, writes them with their ground truth, and meters the capture that was written. */
export async function collectSynthetic(context: StageContext, source: SyntheticSourceConfig): Promise<StageReport> {
  const made = await makeCapture(context, source);
  await writeLabelRules(context.output.path(LABELS), made.rules);
  const { counts, rows } = await meterCaptures(context, {
    files: [{ path: context.output.path(CAPTURE), name: CAPTURE }],
    merge: false,
    settings: context.config.collect.metering,
    schema: source.schema,
    labelOf: labelByRules(made.rules),
  });
  if (made.refused > 0) counts.note(`${made.refused} conversations were left out: too many went on at once`);
  context.log.info(`${made.packets} packets made, ${counts.flows} flows, ${rows} records`);
  return {
    rows: { 'flows.arrow': rows, [LABELS]: made.rules.length, [CAPTURE]: made.packets },
    dropped: Object.fromEntries(counts.dropped),
    notes: counts.notes,
  };
}

async function makeCapture(context: StageContext, source: SyntheticSourceConfig): Promise<SyntheticResult> {
  const progress = createProgress('make packets', PERCENT, ['packets']);
  try {
    const made = await synthesizeCapture(optionsOf(source, context.config.seed), context.output.path(CAPTURE), {
      signal: context.signal,
      onProgress: (done, packets) => progress.update(Math.floor(done * PERCENT), { packets: String(packets) }),
    });
    context.signal.throwIfAborted();
    return made;
  } finally {
    progress.stop();
  }
}

function optionsOf(source: SyntheticSourceConfig, seed: number): SyntheticOptions {
  return {
    seed,
    startTime: source.startTime,
    durationSeconds: source.durationSeconds,
    hosts: source.hosts,
    activity: source.activity,
    attacks: source.attacks.map(({ kind, startSeconds, durationSeconds, intensity }) => ({
      kind,
      start: startSeconds,
      duration: durationSeconds,
      intensity,
    })),
  };
}
