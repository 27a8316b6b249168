import { arpSpoofing } from './arp-spoofing.ts';
import type { AttackKind } from './attack.ts';
import { beaconing } from './beaconing.ts';
import { dnsTunnel } from './dns-tunnel.ts';
import { exfiltration } from './exfiltration.ts';
import { horizontalScan } from './horizontal-scan.ts';
import { passwordGuessing } from './password-guessing.ts';
import { portScan } from './port-scan.ts';
import { slowHttp } from './slow-http.ts';
import { slowScan } from './slow-scan.ts';
import { synFlood } from './syn-flood.ts';
import { synFloodBotnet } from './syn-flood-botnet.ts';
import { udpFlood, udpFloodSpoofed } from './udp-flood.ts';
import { worm } from './worm.ts';

/** Every attack that can be generated. */
export const ATTACKS: readonly AttackKind[] = [
  portScan,
  slowScan,
  horizontalScan,
  synFlood,
  passwordGuessing,
  beaconing,
  synFloodBotnet,
  dnsTunnel,
  udpFlood,
  exfiltration,
  slowHttp,
  udpFloodSpoofed,
  arpSpoofing,
  worm,
];
