import type { Clock } from './engine/clock.ts';
import type { Process, Scheduler } from './engine/scheduler.ts';
import type { Random } from './engine/random.ts';
import type { Network } from './network/network.ts';
import type { Rhythm } from './rhythm.ts';
import type { FrameWriter } from './wire/frame-writer.ts';

/** Conversations that may go on at once; beyond it new ones do not begin, and are counted. */
export const MAX_CONVERSATIONS = 20_000;

/** What every process needs: who there is, what time it is, chance, and the wire. */
export class World {
  readonly network: Network;
  readonly random: Random;
  readonly wire: FrameWriter;
  readonly rhythm: Rhythm;
  /** Conversations begun, by service. */
  readonly conversations = new Map<string, number>();
  /** Conversations that did not begin since too many were going on. */
  refused = 0;

  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #startSeconds: number;

  constructor(
    network: Network,
    random: Random,
    wire: FrameWriter,
    rhythm: Rhythm,
    clock: Clock,
    scheduler: Scheduler,
    startSeconds: number,
  ) {
    this.network = network;
    this.random = random;
    this.wire = wire;
    this.rhythm = rhythm;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#startSeconds = startSeconds;
  }

  /** Seconds since the start of the capture. */
  get now(): number {
    return this.#clock.seconds;
  }

  /** The present traffic time in nanoseconds since the Unix epoch. */
  get timestamp(): bigint {
    return BigInt(this.#startSeconds) * 1_000_000_000n + BigInt(this.#clock.microseconds) * 1000n;
  }

  /** Begins a conversation, at once or after a delay in seconds. */
  begin(service: string, process: Process, delay = 0): void {
    if (this.#scheduler.alive >= MAX_CONVERSATIONS) {
      this.refused++;
      return;
    }
    this.conversations.set(service, (this.conversations.get(service) ?? 0) + 1);
    this.#scheduler.start(process, delay);
  }

  /** Begins something that is no conversation, such as the habits of a device. */
  background(process: Process, delay = 0): void {
    this.#scheduler.start(process, delay);
  }
}
