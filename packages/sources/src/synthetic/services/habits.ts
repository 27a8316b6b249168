import type { Process } from '../engine/scheduler.ts';
import type { Device, DeviceKind } from '../network/host.ts';
import { makeGuest, MAX_GUESTS } from '../network/network.ts';
import type { World } from '../world.ts';
import { arp } from './arp.ts';
import { backup, update, upload } from './bulk.ts';
import { dhcp, joinNetwork } from './dhcp.ts';
import { dns } from './dns.ts';
import { connectivityCheck, intranet, printing, visit } from './http.ts';
import { appSync, browsing, pushChannel } from './https.ts';
import { mdns } from './mdns.ts';
import { mqtt } from './mqtt.ts';
import { ntp } from './ntp.ts';
import { ping } from './ping.ts';
import type { ServiceKind } from './service.ts';
import { ssh } from './ssh.ts';
import { camera, streaming } from './video.ts';

/** Everything normal that is generated. */
export const SERVICES: readonly ServiceKind[] = [
  dns,
  browsing,
  appSync,
  pushChannel,
  intranet,
  connectivityCheck,
  printing,
  ssh,
  mqtt,
  ntp,
  ping,
  streaming,
  camera,
  backup,
  upload,
  update,
  arp,
  dhcp,
  mdns,
];

interface Habit {
  readonly service: ServiceKind;
  /** Uses per hour: in the busiest hour for people's habits, always for machines'. */
  readonly perHour: number;
  readonly by: 'people' | 'machine';
}

const PERSONAL: readonly Habit[] = [
  { service: dhcp, perHour: 0.1, by: 'machine' },
  { service: mdns, perHour: 4, by: 'people' },
  { service: arp, perHour: 12, by: 'machine' },
  { service: ntp, perHour: 8, by: 'machine' },
  { service: dns, perHour: 30, by: 'people' },
  { service: pushChannel, perHour: 1.5, by: 'machine' },
  { service: ping, perHour: 0.8, by: 'people' },
];

/** What each kind of device does, and how often. */
const HABITS: Readonly<Record<DeviceKind, readonly Habit[]>> = {
  laptop: [
    ...PERSONAL,
    { service: browsing, perHour: 9, by: 'people' },
    { service: appSync, perHour: 45, by: 'people' },
    { service: intranet, perHour: 8, by: 'people' },
    { service: ssh, perHour: 2, by: 'people' },
    { service: printing, perHour: 0.3, by: 'people' },
    { service: upload, perHour: 0.15, by: 'people' },
    { service: backup, perHour: 0.04, by: 'machine' },
    { service: update, perHour: 0.03, by: 'machine' },
  ],
  desktop: [
    ...PERSONAL,
    { service: browsing, perHour: 8, by: 'people' },
    { service: appSync, perHour: 40, by: 'people' },
    { service: intranet, perHour: 6, by: 'people' },
    { service: ssh, perHour: 2, by: 'people' },
    { service: printing, perHour: 0.4, by: 'people' },
    { service: backup, perHour: 0.05, by: 'machine' },
    { service: update, perHour: 0.03, by: 'machine' },
  ],
  phone: [
    ...PERSONAL,
    { service: browsing, perHour: 6, by: 'people' },
    { service: appSync, perHour: 60, by: 'people' },
    { service: connectivityCheck, perHour: 6, by: 'machine' },
    { service: upload, perHour: 0.15, by: 'people' },
    { service: update, perHour: 0.03, by: 'machine' },
  ],
  television: [
    { service: arp, perHour: 12, by: 'machine' },
    { service: ntp, perHour: 2, by: 'machine' },
    { service: appSync, perHour: 10, by: 'machine' },
    { service: streaming, perHour: 0.2, by: 'people' },
    { service: update, perHour: 0.01, by: 'machine' },
  ],
  camera: [
    { service: arp, perHour: 12, by: 'machine' },
    { service: ntp, perHour: 8, by: 'machine' },
    { service: dns, perHour: 6, by: 'machine' },
    { service: appSync, perHour: 4, by: 'machine' },
    { service: camera, perHour: 5, by: 'people' },
  ],
  sensor: [
    { service: arp, perHour: 6, by: 'machine' },
    { service: ntp, perHour: 2, by: 'machine' },
    { service: mqtt, perHour: 1.2, by: 'machine' },
    { service: connectivityCheck, perHour: 1, by: 'machine' },
  ],
  printer: [
    { service: arp, perHour: 6, by: 'machine' },
    { service: ntp, perHour: 1, by: 'machine' },
    { service: appSync, perHour: 0.5, by: 'machine' },
  ],
};

/** What nobody's habits bring, for `edgeguard synth --list`. */
export const OTHER_EVENTS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'visit', description: 'people on the Internet who look at the web server in the house' },
  { name: 'guest', description: 'rare: phones of guests, which join by DHCP, behave as phones do, and leave' },
];

/** People on the Internet who look at the house's web server, per hour at the busiest. */
const VISITS_PER_HOUR = 90;

/** Guests bring a phone, per hour at the busiest, and stay for about so many seconds. */
const GUESTS_PER_HOUR = 0.5;
const STAY = 5400;

/**
 * Starts everybody's habits.
 *
 * @param activity multiplies how often everything happens
 */
export function startHabits(world: World, activity: number): void {
  for (const device of world.network.devices) startDevice(world, device, activity, () => true);
  const begin = () => world.begin('visit', visit(world));
  world.background(repeatedly(world, VISITS_PER_HOUR * activity, true, begin));
  world.background(guests(world, activity));
}

function startDevice(world: World, device: Device, activity: number, isPresent: () => boolean): void {
  for (const { service, perHour, by } of HABITS[device.kind]) {
    const begin = () => world.begin(service.name, service.use(world, device));
    world.background(repeatedly(world, perHour * activity, by === 'people', begin, isPresent));
  }
}

/** New devices: they join, behave as phones do, and leave. */
function* guests(world: World, activity: number): Process {
  const { random } = world;
  let come = 0;
  let present = 0;
  const begin = () => {
    if (present >= MAX_GUESTS) return;
    present++;
    world.begin('guest', stay(makeGuest(random, come++ % MAX_GUESTS)));
  };
  function* stay(device: Device): Process {
    yield* joinNetwork(world, device);
    let isPresent = true;
    startDevice(world, device, activity, () => isPresent);
    for (const service of [connectivityCheck, ntp, pushChannel, appSync, appSync]) {
      world.begin(service.name, service.use(world, device), random.between(0.1, 4));
    }
    yield random.exponential(STAY);
    isPresent = false;
    present--;
  }
  yield* repeatedly(world, GUESTS_PER_HOUR, true, begin);
}

/** Events at random, people's more often in the busy hours: a Poisson process, thinned (Lewis and Shedler 1979). */
function* repeatedly(
  world: World,
  perHour: number,
  byPeople: boolean,
  begin: () => void,
  goesOn: () => boolean = () => true,
): Process {
  const { random, rhythm } = world;
  const mean = 3600 / perHour;
  for (;;) {
    yield random.exponential(mean);
    if (!goesOn()) return;
    if (!byPeople || random.chance(rhythm.at(world.now))) begin();
  }
}
