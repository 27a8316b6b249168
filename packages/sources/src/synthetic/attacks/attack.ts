import type { Process } from '../engine/scheduler.ts';
import type { LabelBook } from '../../labels/label-book.ts';
import type { World } from '../world.ts';

/** One attack in a capture. */
export interface AttackPlan {
  readonly kind: string;
  /** Seconds after the start of the capture. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  /** Multiplies the attack's rate; 1 is the stated one. */
  readonly intensity: number;
}

/** An attack that can be generated. */
export interface AttackKind {
  readonly name: string;
  /** One line for `edgeguard synth --list`. */
  readonly description: string;
  /** Seconds, where the user states none. */
  readonly usualDuration: number;
  /** The attack from its start on; it ends by itself, and adds its labels to the book. */
  run(world: World, plan: AttackPlan, book: LabelBook): Process;
}

const SECOND = 1_000_000_000n;

/** When traffic of the attack that begins now can be seen, with some seconds for what is still on its way at its end. */
export function labelInterval(world: World, plan: AttackPlan, afterwards = 5): { from: bigint; to: bigint } {
  const from = world.timestamp;
  return { from, to: from + BigInt(Math.ceil(plan.duration + afterwards)) * SECOND };
}
