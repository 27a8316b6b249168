import type { AttackKind } from './attack.ts';
import { exfiltration } from './exfiltration.ts';
import { passwordGuessing } from './password-guessing.ts';
import { portScan } from './port-scan.ts';
import { synFlood } from './syn-flood.ts';

/** Every attack that can be generated. */
export const ATTACKS: readonly AttackKind[] = [portScan, synFlood, passwordGuessing, exfiltration];
