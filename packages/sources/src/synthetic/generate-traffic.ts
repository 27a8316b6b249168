import { setImmediate } from 'node:timers/promises';
import type { PacketSink } from '@edgeguard/metering';
import { PcapWriter } from '../capture/pcap-writer.ts';
import { LabelBook } from '../labels/label-book.ts';
import type { LabelRule } from '../labels/label-rule.ts';
import type { AttackPlan } from './attacks/attack.ts';
import { ATTACKS } from './attacks/attacks.ts';
import { Clock } from './engine/clock.ts';
import { Random } from './engine/random.ts';
import { type Process, Scheduler } from './engine/scheduler.ts';
import { buildNetwork } from './network/network.ts';
import { planTraffic, type SyntheticOptions, type SyntheticPlan } from './options.ts';
import { Rhythm } from './rhythm.ts';
import { OTHER_EVENTS, SERVICES, startHabits } from './services/habits.ts';
import { ContentPool } from './wire/content.ts';
import { FrameWriter } from './wire/frame-writer.ts';
import { World } from './world.ts';

const LINKTYPE_ETHERNET = 1;
const STEPS_BETWEEN_PAUSES = 20_000;

export interface GenerateOptions {
  /** Called now and then with the share that is done, 0..1. */
  readonly onProgress?: (done: number, packets: number) => void;
  /** Ends generating; what was made so far is kept by {@link generateTraffic}, thrown away by {@link synthesizeCapture}. */
  readonly signal?: AbortSignal;
}

/** What was generated. */
export interface SyntheticResult {
  /** Ground truth, in the order in which the rules are to be tried. */
  readonly rules: readonly LabelRule[];
  readonly attacks: readonly AttackPlan[];
  readonly packets: number;
  /** Bytes on the wire. */
  readonly wireBytes: number;
  /** Normal conversations begun, by service. */
  readonly conversations: ReadonlyMap<string, number>;
  /** Conversations that were left out since too many were going on at once. */
  readonly refused: number;
  readonly interrupted: boolean;
}

/** An entry of `edgeguard synth --list`. */
export interface Description {
  readonly name: string;
  readonly description: string;
}

/** The attacks that can be generated. */
export function describeAttacks(): Description[] {
  return ATTACKS.map(({ name, description }) => ({ name, description }));
}

/** The normal services and events that are generated. */
export function describeServices(): Description[] {
  return [...SERVICES, ...OTHER_EVENTS].map(({ name, description }) => ({ name, description }));
}

/**
 * Generates traffic of a home network with servers and Internet peers, in time order, straight into a sink. Ethernet
 * frames; times are whole microseconds. Memory is bounded by the conversations that go on at once.
 *
 * @throws UserError for options out of range
 */
export async function generateTraffic(
  options: SyntheticOptions,
  sink: PacketSink,
  { onProgress, signal }: GenerateOptions = {},
): Promise<SyntheticResult> {
  const plan = planTraffic(options);
  const clock = new Clock();
  const scheduler = new Scheduler(clock);
  const wire = new FrameWriter(sink, clock, new ContentPool(plan.seed), plan.snapLength, plan.startTime);
  const world = createWorld(plan, 'normal', wire, clock, scheduler);
  startHabits(world, plan.activity);
  const book = new LabelBook();
  // Attacks draw from numbers of their own: the normal traffic stays the same with and without them.
  plan.attacks.forEach((attack, i) => {
    const attackWorld = createWorld(plan, `attack ${i}`, wire, clock, scheduler, world);
    scheduler.start(runAttack(attackWorld, attack, book), attack.start);
  });
  const until = plan.durationSeconds * 1e6;
  while (!scheduler.run(until, STEPS_BETWEEN_PAUSES)) {
    if (signal?.aborted) break;
    onProgress?.(clock.microseconds / until, wire.packets);
    await setImmediate();
  }
  scheduler.stop();
  return {
    rules: book.rules(),
    attacks: plan.attacks,
    packets: wire.packets,
    wireBytes: wire.wireBytes,
    conversations: world.conversations,
    refused: world.refused,
    interrupted: signal?.aborted ?? false,
  };
}

/**
 * Generates traffic into a pcap file, which appears under its name only when it is complete.
 *
 * @throws UserError for options out of range or a place that cannot be written to
 */
export async function synthesizeCapture(
  options: SyntheticOptions,
  path: string,
  generate: GenerateOptions = {},
): Promise<SyntheticResult> {
  const { snapLength } = planTraffic(options);
  const writer = new PcapWriter(path, { linkType: LINKTYPE_ETHERNET, snapLength });
  try {
    const result = await generateTraffic(options, writer, generate);
    if (result.interrupted) writer.abort();
    else writer.commit();
    return result;
  } catch (error) {
    writer.abort();
    throw error;
  }
}

function createWorld(
  plan: SyntheticPlan,
  stream: string,
  wire: FrameWriter,
  clock: Clock,
  scheduler: Scheduler,
  sharing?: World,
): World {
  const network = sharing?.network ?? buildNetwork(plan.seed, plan.hosts);
  const random = new Random(plan.seed, stream);
  return new World(network, random, wire, new Rhythm(plan.startTime), clock, scheduler, plan.startTime);
}

function* runAttack(world: World, plan: AttackPlan, book: LabelBook): Process {
  const kind = ATTACKS.find(({ name }) => name === plan.kind);
  if (kind !== undefined) yield* kind.run(world, plan, book);
}
