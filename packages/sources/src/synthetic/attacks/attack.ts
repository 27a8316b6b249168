import type { Process } from '../engine/scheduler.ts';
import type { LabelBook } from '../../labels/label-book.ts';
import type { Device, DeviceKind, Host } from '../network/host.ts';
import { makeOutsider } from '../network/network.ts';
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

/** A device of the given kind, or any where there is none. */
export function pickDevice(world: World, ...kinds: readonly DeviceKind[]): Device {
  const { devices } = world.network;
  const fitting = devices.filter(({ kind }) => kinds.includes(kind));
  return world.random.choice(fitting.length > 0 ? fitting : devices);
}

/** An attacker on the Internet. Each attack has numbers of its own, so that no two share an address. */
export function outsideAttacker(world: World, name: string, firstNumber: number, lastNumber: number): Host {
  const number = world.random.integer(firstNumber, lastNumber);
  return makeOutsider(world.random, name, `203.0.113.${number}`, world.network.router.ipv4.mac);
}

/** Hosts on the Internet that attack together, under their own addresses. */
export function botnet(world: World, count: number): Host[] {
  const first = world.random.integer(0, 200);
  return Array.from({ length: count }, (_, i) => {
    const address = `192.0.2.${1 + ((first + 7 * i) % 253)}`;
    return makeOutsider(world.random, `bot-${i + 1}`, address, world.network.router.ipv4.mac);
  });
}
