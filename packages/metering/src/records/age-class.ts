/** At which point of a flow's life a record was emitted. Code 1 is the first name. */
export const AGE_CLASSES = ['1s', '10s', '60s', 'active', 'final'] as const;
export type AgeClass = (typeof AGE_CLASSES)[number];

/** Seconds after the start of a flow at which early records are emitted: codes 1, 2 and 3. */
export const EARLY_AGES = [1, 10, 60] as const;
/** An active timeout of a flow that goes on. */
export const AGE_ACTIVE = 4;
/** The last record of a flow, the only one that counts as a flow. */
export const AGE_FINAL = 5;

/** Why a flow's last record was emitted. Code 0 is a record that is not the last. */
export const END_REASONS = [
  'none',
  'idle',
  'active',
  'closed',
  'reused',
  'evicted',
  'input-end',
  'unanswered',
  'clock-set-back',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export const END_NONE = 0;
export const END_IDLE = 1;
export const END_ACTIVE = 2;
export const END_CLOSED = 3;
/** A new connection began on the ports of a closed one. */
export const END_REUSED = 4;
export const END_EVICTED = 5;
export const END_INPUT = 6;
/** Idle for as long as is enough where nobody has answered. */
export const END_UNANSWERED = 7;
/** The clock was set back. */
export const END_CLOCK = 8;
