import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Anonymiser } from '@edgeguard/contracts/anonymise';
import { anonymiseAlert } from '../src/alert/anonymise-alert.ts';
import { type Alert, alertId, formatEcs, formatEve, formatOcsf, formatText } from '../src/index.ts';
import { EXAMPLE_ALERT, ROW_ALERT } from './example-alert.ts';
import { validatorOf } from './validator.ts';

const FORMATS = { eve: formatEve, ecs: formatEcs, ocsf: formatOcsf, text: formatText } as const;

const { packetsToServer: _1, packetsToClient: _2, bytesToServer: _3, bytesToClient: _4, ...bare } = EXAMPLE_ALERT.flow;
const { counterfactual: _5, ...withoutProof } = EXAMPLE_ALERT;
const ALERTS: Record<string, Alert> = {
  tcp: EXAMPLE_ALERT,
  'ICMPv6, live, in a VLAN, of an episode': {
    ...EXAMPLE_ALERT,
    flow: {
      ...EXAMPLE_ALERT.flow,
      source: { address: 'fe80::1' },
      destination: { address: 'ff02::1' },
      protocol: 58,
      vlan: 42,
    },
    interface: 'eth0',
    severity: 1,
    ageClass: 'final',
    coldStart: true,
    finding: { type: 'unknown', support: 0 },
    episode: {
      id: 7,
      state: 'close',
      scope: 'source',
      source: 'fe80::1',
      start: 1_767_600_001_000_000_000n,
      end: 1_767_600_061_000_000_000n,
      alerts: 1800,
      folded: 0,
      sources: 1,
      targets: 256,
      maxScore: 99.5,
      minPValue: 0.00025,
      severity: 1,
      causes: ['src_ports_60s'],
      finding: 'scan-like',
    },
  },
  'of a flow with names': {
    ...EXAMPLE_ALERT,
    flow: {
      ...EXAMPLE_ALERT.flow,
      names: {
        dns: 'shop.example',
        tlsServer: 'www.shop.example',
        ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
        source: 'laptop',
      },
    },
  },
  'of a flow that Zeek metered': {
    ...EXAMPLE_ALERT,
    flow: { ...EXAMPLE_ALERT.flow, sensor: { name: 'zeek', uid: 'CfykLO1IT1nVRJhLA3' } },
  },
  'without counters and reasons': {
    ...withoutProof,
    flow: bare,
    contributions: [],
    families: [],
    reason: '',
    severity: 3,
  },
  'of a row of a table': ROW_ALERT,
  'of a row with a time': { ...ROW_ALERT, time: 1_767_600_000_000_000_000n, row: { table: 'rows.arrow', number: 1 } },
  'of too many episodes to tell apart': {
    ...EXAMPLE_ALERT,
    episode: {
      id: 61,
      state: 'open',
      scope: 'overflow',
      start: 1_767_600_001_000_000_000n,
      end: 1_767_600_061_000_000_000n,
      alerts: 9,
      folded: 3,
      sources: 3,
      targets: 3,
      maxScore: 99.5,
      minPValue: 0.00025,
      severity: 1,
      causes: ['src_ports_60s'],
    },
  },
};

const ANONYMISER = new Anonymiser(new Uint8Array(32).fill(7));
for (const name of [
  'tcp',
  'ICMPv6, live, in a VLAN, of an episode',
  'of a flow with names',
  'of a flow that Zeek metered',
]) {
  ALERTS[`anonymised: ${name}`] = anonymiseAlert(ALERTS[name]!, ANONYMISER);
}

describe.each(['eve', 'ecs', 'ocsf'] as const)('%s', (name) => {
  const validate = validatorOf(`${name}-alert`);

  it.each(Object.keys(ALERTS))('%s: has only the fields of the list, with their types', (which) => {
    validate(JSON.parse(FORMATS[name](ALERTS[which]!)));
    expect(validate.errors).toBeNull();
  });

  it('the list would notice another field, a missing one and one of another type', () => {
    const event = JSON.parse(FORMATS[name](EXAMPLE_ALERT));
    expect(validate({ ...event, colour: 'red' })).toBe(false);
    const { edgeguard = event.unmapped?.edgeguard ?? event.alert.context.edgeguard } = event;
    for (const field of ['score', 'finding', 'contributions', 'causes']) {
      const kept = edgeguard[field];
      delete edgeguard[field];
      expect(validate(event), `without ${field}`).toBe(false);
      edgeguard[field] = kept;
    }
    expect(validate(event)).toBe(true);
    edgeguard.score = '41';
    expect(validate(event)).toBe(false);
  });
});

describe('golden files', () => {
  it.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('%s', async (name) => {
    const lines = Object.values(ALERTS).map((alert) => `${FORMATS[name](alert)}\n`);
    await expect(lines.join('')).toMatchFileSnapshot(join('golden', `alerts.${name}`));
  });
});

describe('the name of an alert', () => {
  it('is a UUID, the same for the same alert and another for another record of the flow', () => {
    expect(alertId(EXAMPLE_ALERT)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(alertId({ ...EXAMPLE_ALERT, score: 1 })).toBe(alertId(EXAMPLE_ALERT));
    expect(alertId({ ...EXAMPLE_ALERT, ageClass: 'final' })).not.toBe(alertId(EXAMPLE_ALERT));
  });
});
