import { counted } from '@edgeguard/contracts';
import { existsSync } from 'node:fs';
import {
  emptySuppressions,
  readSuppressions,
  readVerdicts,
  rulesFromVerdicts,
  writeSuppressions,
} from '@edgeguard/detection';
import type { VerdictSuppressOptions } from '../commands/verdict.ts';

/** `edgeguard verdict suppress`. Rules that a file has already stay as they are. */
export async function suppressVerdicts(
  path: string,
  rulesPath: string,
  { owner, expires }: VerdictSuppressOptions,
): Promise<void> {
  const verdicts = await readVerdicts(path);
  const before = existsSync(rulesPath) ? await readSuppressions(rulesPath) : emptySuppressions();
  const known = new Set(before.rules.map(({ id }) => id));
  const added = rulesFromVerdicts(verdicts, { owner, expires }).filter(({ id }) => !known.has(id));
  await writeSuppressions(rulesPath, { ...before, rules: [...before.rules, ...added] });
  process.stdout.write(`${counted(added.length, 'rule')} added to ${rulesPath}\n`);
}
