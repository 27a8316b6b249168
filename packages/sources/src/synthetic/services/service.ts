import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import type { World } from '../world.ts';

/** Something normal that devices of the house do. */
export interface ServiceKind {
  readonly name: string;
  /** One line for `edgeguard synth --list`. */
  readonly description: string;
  /** One use of it by one device. */
  use(world: World, device: Device): Process;
}
