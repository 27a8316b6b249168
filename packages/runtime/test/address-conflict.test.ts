import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { FlowMeter } from '@edgeguard/metering';
import { generateTraffic, type SyntheticOptions } from '@edgeguard/sources';
import { Anonymiser } from '@edgeguard/contracts/anonymise';
import { describe, expect, it } from 'vitest';
import {
  type AddressConflict,
  conflictEcs,
  conflictEve,
  conflictOcsf,
  conflictText,
  ConflictWatch,
} from '../src/index.ts';
import { anonymiseConflict } from '../src/arp/anonymise-conflict.ts';
import { realData, whySkipped } from './real-data.ts';
import { validatorOf } from './validator.ts';

const CONFLICT: AddressConflict = {
  time: 1_767_600_061_000_042_999n,
  vlan: 7,
  address: '192.168.1.1',
  mac: '02:00:00:00:00:66',
  previousMac: '02:00:00:00:00:fe',
  previousAge: 15.728,
  target: { address: '192.168.1.24', mac: '02:00:00:00:00:18' },
  message: 'reply',
  solicited: false,
  changes: 3,
};
const { vlan: _, ...UNTAGGED } = CONFLICT;
const VARIANTS: Record<string, AddressConflict> = {
  tagged: CONFLICT,
  'untagged, live': { ...UNTAGGED, interface: 'eth0', message: 'announcement', solicited: true, changes: 1 },
};

const SUITE = ['schemas', 'suricata-eve.schema.json'] as const;
const noSuricata = whySkipped(...SUITE);

VARIANTS['anonymised'] = anonymiseConflict(CONFLICT, new Anonymiser(new Uint8Array(32).fill(7)));

describe.each(Object.keys(VARIANTS))('the alert of an address conflict, %s', (name) => {
  const conflict = VARIANTS[name]!;

  it.skipIf(noSuricata)(`is valid EVE${noSuricata}`, () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(realData(...SUITE), 'utf8')));
    validate(JSON.parse(conflictEve(conflict)));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['eve', conflictEve],
    ['ecs', conflictEcs],
    ['ocsf', conflictOcsf],
  ] as const)('has only the listed fields of %s', (format, write) => {
    const validate = validatorOf(`${format}-address-conflict`);
    const event = JSON.parse(write(conflict));
    validate(event);
    expect(validate.errors).toBeNull();
    expect(validate({ ...event, score: 1 })).toBe(false);
  });

  it('says that a rule found it, and has no score', () => {
    for (const write of [conflictEve, conflictEcs, conflictOcsf]) {
      const text = write(conflict);
      expect(text).toContain('"kind":"rule"');
      expect(text).not.toMatch(/"(score|threshold|p_value)"/);
      expect(text).toContain(conflict.previousMac);
    }
  });
});

const FORMATS = { eve: conflictEve, ecs: conflictEcs, ocsf: conflictOcsf, text: conflictText } as const;

it.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('the golden file of %s', async (name) => {
  const lines = Object.values(VARIANTS).map((conflict) => `${FORMATS[name](conflict)}\n`);
  await expect(lines.join('')).toMatchFileSnapshot(join('golden', `address-conflicts.${name}`));
});

describe('in words', () => {
  it('names both claimants, the address and the circumstances', () => {
    expect(conflictText(CONFLICT)).toBe(
      '2026-01-05 08:01:01.000  severity 2  192.168.1.1 ARP  02:00:00:00:00:fe -> 02:00:00:00:00:66  address-conflict (rule)\n' +
        '    02:00:00:00:00:66 claims 192.168.1.1 by an ARP reply that nobody asked for, which 02:00:00:00:00:fe claimed 15.7 s before; it has changed hands 3 times',
    );
  });
});

async function conflictsOf(attacks: NonNullable<SyntheticOptions['attacks']>) {
  const told: AddressConflict[] = [];
  const watch = new ConflictWatch((conflict) => told.push(conflict));
  const meter = new FlowMeter({ features: false, maxFlows: 4096 }, { record() {} }, watch);
  await generateTraffic({ seed: 3, startTime: START, durationSeconds: 7200, hosts: 12, attacks }, meter);
  return { told, conflicts: watch.conflicts };
}

const START = 1_767_600_000;

describe('synthetic traffic', () => {
  it('without an attack has no address conflict', async () => {
    expect(await conflictsOf([])).toEqual({ told: [], conflicts: 0 });
  });

  it('with arp-spoofing has one within seconds, for the router and for the victim, told once in ten minutes each', async () => {
    const attack = { kind: 'arp-spoofing', start: 3600, duration: 600, intensity: 1 } as const;
    const { told, conflicts } = await conflictsOf([attack]);
    expect(conflicts).toBeGreaterThan(told.length);
    expect(new Set(told.map(({ address }) => address)).size).toBe(2);
    expect(told.map(({ address }) => address)).toContain('192.168.1.1');
    expect(Number(told[0]!.time / 1_000_000_000n) - (START + attack.start)).toBeLessThan(5);
    const router = told.filter(({ address }) => address === '192.168.1.1');
    for (let k = 1; k < router.length; k++) {
      expect(router[k]!.time - router[k - 1]!.time).toBeGreaterThanOrEqual(599_000_000_000n);
    }
  });
});
