import { UserError } from '@edgeguard/contracts';
import type { ArtifactVerification, VerificationCheck } from './verification-document.ts';

/** The error that keeps an artifact in the stage, or undefined where every check passed. */
export function failureOf({ file, checks, engines }: ArtifactVerification): UserError | undefined {
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length === 0) return undefined;
  const missing = engines.filter(({ available }) => !available).map(({ name, detail }) => `${name}: ${detail}`);
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  const absent = missing.length > 0 ? `; engines that could not be asked: ${missing.join('; ')}` : '';
  return new UserError(
    file,
    `it is not the model that was trained: ${describeCheck(failed[0]!)}${more}${absent}`,
    'no detector was written; report this with the model',
  );
}

/** A check in one line. */
export function describeCheck({ name, engine, measured, limit, must, where }: VerificationCheck): string {
  const at = where === undefined ? '' : ` at ${where}`;
  return `${engine}: ${name} is ${figure(measured)}${at}, must ${must} ${figure(limit)}`;
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
