import { ACCOUNTING_OPTIONS, DETECTION_OPTIONS, type MeteringOptions } from '@edgeguard/metering';

/** What is metered, from flows alone to everything; each mode does what the one before it does, and more. */
export const METERING_MODES: Readonly<Record<string, Omit<MeteringOptions, 'hashSeed'>>> = {
  accounting: ACCOUNTING_OPTIONS,
  'flow-ends': { ...DETECTION_OPTIONS, earlyRecords: false, features: false, context: false },
  'early-records': { ...DETECTION_OPTIONS, features: false, context: false },
  features: { ...DETECTION_OPTIONS, context: false },
  detection: DETECTION_OPTIONS,
};
