import { assertReplaceable, UsageError } from '@edgeguard/contracts';
import { createLogger, createProgress, Interrupted } from '@edgeguard/contracts/stage';
import {
  type AttackRequest,
  describeAttacks,
  describeServices,
  type Description,
  LABEL_RULE_SCHEMA,
  type LabelRule,
  labelRuleColumns,
  synthesizeCapture,
  type SyntheticOptions,
} from '@edgeguard/sources';
import type { SynthOptions } from '../commands/synth.ts';
import { ArrowWriter } from '../flow-output/arrow-writer.ts';
import { parseAttack } from './parse-attack.ts';

/** `edgeguard synth`. */
export async function synthesise(options: SynthOptions, signal: AbortSignal): Promise<void> {
  if (options.list) {
    process.stdout.write(listing());
    return;
  }
  if (options.output === undefined) throw new UsageError('say where the capture goes: --output FILE (or --list)');
  assertReplaceable(options.output);
  const progress = createProgress('synth', 100);
  try {
    const result = await synthesizeCapture(generatorOptions(options), options.output, {
      signal,
      onProgress: (share) => progress.update(Math.floor(share * 100)),
    });
    progress.stop();
    if (result.interrupted) throw new Interrupted();
    if (options.labels !== undefined) await writeLabels(result.rules, options.labels);
    const attacks = result.attacks.map(({ kind, start }) => `${kind} at ${Math.round(start)} s`);
    createLogger('synth').info(
      `${result.packets} packets, ${result.wireBytes} bytes; attacks: ${attacks.join(', ') || 'none'}`,
    );
  } finally {
    progress.stop();
  }
}

function generatorOptions(options: SynthOptions): SyntheticOptions {
  return {
    seed: options.seed,
    durationSeconds: options.duration,
    hosts: options.hosts,
    activity: options.activity,
    attacks: attacksOf(options),
    ...(options.start === undefined ? {} : { startTime: options.start }),
    ...(options.snapLength === undefined ? {} : { snapLength: options.snapLength }),
  };
}

function attacksOf({ attack, attacks }: SynthOptions): readonly AttackRequest[] | 'default' | 'none' {
  if (attack) {
    if (!attacks) throw new UsageError('--attack and --no-attacks contradict each other');
    return attack.map(parseAttack);
  }
  return attacks ? 'default' : 'none';
}

function listing(): string {
  const lines = (title: string, entries: readonly Description[]): string => {
    const width = Math.max(...entries.map(({ name }) => name.length));
    return `${title}:\n${entries.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}\n`).join('')}`;
  };
  return `${lines('Attacks', describeAttacks())}\n${lines('Services', describeServices())}`;
}

async function writeLabels(rules: readonly LabelRule[], path: string): Promise<void> {
  const writer = await ArrowWriter.open(LABEL_RULE_SCHEMA, path);
  try {
    await writer.write(labelRuleColumns(rules));
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
