import { UsageError } from '@edgeguard/contracts';
import type { AttackRequest } from '@edgeguard/sources';

const PATTERN = /^(?<kind>[a-z-]+)@(?<start>[\d.]+)(?:\+(?<duration>[\d.]+))?(?:\*(?<intensity>[\d.]+))?$/;

/** Parses `kind@start+duration*intensity`; duration and intensity may be left out. Times in seconds. */
export function parseAttack(text: string): AttackRequest {
  const found = PATTERN.exec(text)?.groups;
  if (!found) {
    throw new UsageError(`--attack ${text}: expected kind@start, kind@start+duration or kind@start+duration*intensity`);
  }
  return {
    kind: found['kind']!,
    start: Number(found['start']),
    ...(found['duration'] === undefined ? {} : { duration: Number(found['duration']) }),
    ...(found['intensity'] === undefined ? {} : { intensity: Number(found['intensity']) }),
  };
}
