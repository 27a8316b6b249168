import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eveAlert, eveTime, flowId, formatEve, formatText, isoTime, protocolName, severityOf } from '../src/index.ts';
import { EXAMPLE_ALERT, ROW_ALERT } from './example-alert.ts';
import { realData, whySkipped } from './real-data.ts';

const SCHEMA = ['schemas', 'suricata-eve.schema.json'] as const;
const noSchema = whySkipped(...SCHEMA);

describe.skipIf(noSchema)(`EVE against Suricata's schema${noSchema}`, () => {
  const validate = noSchema
    ? undefined
    : new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(realData(...SCHEMA), 'utf8')));

  it.each([
    ['TCP', EXAMPLE_ALERT],
    ['ICMPv6', { ...EXAMPLE_ALERT, flow: { ...icmp6Flow(), packetsToServer: 1 } }],
    ['no counters, no contributions', { ...EXAMPLE_ALERT, flow: icmp6Flow(), contributions: [] }],
    ['with names', { ...EXAMPLE_ALERT, flow: { ...EXAMPLE_ALERT.flow, names: { tlsServer: 'a.test', ja4: 't' } } }],
    ['of a table', ROW_ALERT],
    ['live', { ...EXAMPLE_ALERT, interface: 'eth0' }],
  ])('%s', (_, alert) => {
    validate!(JSON.parse(formatEve(alert)));
    expect(validate!.errors).toBeNull();
  });

  it('would notice a key that Suricata does not have', () => {
    expect(validate!({ ...eveAlert(EXAMPLE_ALERT), score: 1 })).toBe(false);
  });
});

function icmp6Flow() {
  const { protocol: _, source, destination, start } = EXAMPLE_ALERT.flow;
  return {
    source: { ...source, address: 'fe80::1' },
    destination: { ...destination, address: 'fe80::2' },
    protocol: 58,
    start,
  };
}

describe('EVE', () => {
  const event = JSON.parse(formatEve(EXAMPLE_ALERT));

  it('says who, when and why in the places that Suricata has for them', () => {
    expect(event).toMatchObject({
      timestamp: '2026-01-05T08:01:01.000042+0000',
      event_type: 'alert',
      src_ip: '10.0.0.66',
      src_port: 40022,
      dest_ip: '10.0.0.7',
      dest_port: 22,
      proto: 'TCP',
      ip_v: 4,
      alert: {
        action: 'allowed',
        severity: 2,
        context: { edgeguard: { score: 41.25, threshold: 9.5, p_value: 0.00025 } },
      },
      flow: { pkts_toserver: 12, bytes_toclient: 2400, start: '2026-01-05T08:01:00.000000+0000' },
    });
    expect(event.alert.signature_id).toBeGreaterThanOrEqual(1_000_000);
    expect(event.alert.signature_id).toBeLessThanOrEqual(1_999_999);
    expect(event.alert.context.edgeguard.contributions[0]).toMatchObject({
      unit: '{port}',
      observed: 412,
      usual: [1, 6],
      nearest: [1, 6],
      evidence: 'beyond-clip',
    });
    expect(event.alert.context.edgeguard.counterfactual).toMatchObject({
      score: 8.5,
      changes: [{ feature: 'src_ports_60s', from: 412, to: 3 }],
    });
  });

  it('is one line', () => {
    expect(formatEve({ ...EXAMPLE_ALERT, reason: 'two\nlines' })).not.toContain('\n');
  });

  it('has no ports for ICMP', () => {
    const icmp = eveAlert({ ...EXAMPLE_ALERT, flow: icmp6Flow() });
    expect(icmp).toMatchObject({ proto: 'IPv6-ICMP', src_port: undefined, ip_v: 6 });
  });
});

describe('text', () => {
  it('names both ends, the figures and the reason', () => {
    expect(formatText(EXAMPLE_ALERT)).toBe(
      '2026-01-05 08:01:01.000  severity 2  10.0.0.66:40022 -> 10.0.0.7:22 TCP  score 41.3, threshold 9.5, p 0.00025  flow after 1 s  scan-like  #4846aeac\n' +
        '    distinct destination ports of the source in 60 s: 412, expected 1 to 6\n' +
        '    no alert (score 8.5) with distinct destination ports of the source in 60 s: 3 instead of 412',
    );
  });

  it('tells a terminal nothing but text, whatever files, columns and categories are called', () => {
    const row = { table: 'a\u001b[31m\nb.csv', number: 7 };
    const text = formatText({ ...ROW_ALERT, row, reason: 'colour\r\u009b2J: \u202ered, expected blue' });
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toContain('  a?[31m?b.csv row 7  ');
    expect(text).toContain('\n    colour??2J: ?red, expected blue\n');
  });

  it('reads out the first changes of many', () => {
    const [change] = EXAMPLE_ALERT.counterfactual!.changes;
    const changes = Array.from({ length: 9 }, (_, i) => ({ ...change!, text: `change ${i}` }));
    const alert = { ...EXAMPLE_ALERT, counterfactual: { ...EXAMPLE_ALERT.counterfactual!, changes } };
    expect(formatText(alert).split('\n').at(-1)).toBe(
      '    no alert (score 8.5) with change 0; change 1; change 2; change 3; and 5 more changes',
    );
  });

  it('names the row where there is no flow, and no time that the row does not have', () => {
    expect(formatText(ROW_ALERT).split('\n')[0]).toBe(
      'severity 2  rows.csv row 7  score 41.3, threshold 9.5, p 0.00025  #66758e00',
    );
  });

  it('names the hosts where that is possible', () => {
    const names = { dns: 'shop.example', tlsServer: 'cdn.example', source: 'laptop' };
    expect(formatText({ ...EXAMPLE_ALERT, flow: { ...EXAMPLE_ALERT.flow, names } })).toContain(
      '10.0.0.66:40022 (laptop) -> 10.0.0.7:22 (shop.example) TCP',
    );
  });

  it('puts IPv6 addresses in brackets before a port', () => {
    expect(formatText({ ...EXAMPLE_ALERT, flow: icmp6Flow() })).toContain('[fe80::1]:40022 -> [fe80::2]:22');
  });
});

describe('times', () => {
  it('keep every microsecond of every instant, before 1970 too', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (time) => {
        const [, date, micros] = /^(.+)\.(\d{6})\+0000$/.exec(eveTime(time))!;
        const back = BigInt(Date.parse(`${date}Z`)) * 1000n + BigInt(micros!);
        expect(back).toBe(time >= 0n ? time / 1000n : -((-time + 999n) / 1000n));
        expect(isoTime(time).slice(0, 26)).toBe(eveTime(time).slice(0, 26));
      }),
    );
  });
});

describe('flow_id', () => {
  it('is the same for all records of a flow and fits a JSON number', () => {
    const { flow } = EXAMPLE_ALERT;
    expect(flowId({ ...flow, packetsToServer: 99 })).toBe(flowId(flow));
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(65_535), (start, port) => {
        const id = flowId({ ...flow, start, destination: { address: '::1', port } });
        expect(Number.isSafeInteger(id) && id >= 0 && id < 2 ** 52).toBe(true);
      }),
    );
  });

  it('differs when any part of the five-tuple or the start differs', () => {
    const { flow } = EXAMPLE_ALERT;
    const others = [
      { ...flow, start: flow.start + 1n },
      { ...flow, protocol: 17 },
      { ...flow, source: { ...flow.source, port: 1 } },
      { ...flow, destination: { ...flow.destination, address: '10.0.0.8' } },
      { ...flow, source: flow.destination, destination: flow.source },
    ];
    expect(new Set([flow, ...others].map(flowId)).size).toBe(6);
  });
});

describe('severity', () => {
  it('ranks by how rare calibration makes the score', () => {
    expect(severityOf(10, 9, 1e-3, 1e-3, 1e-4)).toBe(3);
    expect(severityOf(10, 9, 9e-5, 1e-3, 1e-5)).toBe(2);
    expect(severityOf(10, 9, 1e-4, 1e-4, 1e-4)).toBe(2);
    expect(severityOf(91, 9, 1e-4, 1e-4, 1e-4)).toBe(1);
    expect(severityOf(91, 9, 1e-3, 1e-3, 1e-4)).toBe(3);
    // Beyond the smallest p-value the tail model ranks: here P(score > s) = 0.05 exp(5 - s).
    const tail = { level: 5, shape: 0, scale: 1, rows: 1000, exceedances: 50, clusters: 50 };
    const model = { ...tail, excesses: Float64Array.of(1), andersonDarling: 0, fitPValue: 0.5 };
    expect(severityOf(15, 9, 1e-4, 1e-3, 1e-4, model)).toBe(2);
    expect(severityOf(17, 9, 1e-4, 1e-3, 1e-4, model)).toBe(1);
    expect(severityOf(91, 90, 1e-2, 1e-3, 1e-4, model)).toBe(3);
  });
});

describe('protocol names', () => {
  it('are Suricata’s, or three digits', () => {
    expect([6, 17, 1, 58, 99, 255].map(protocolName)).toEqual(['TCP', 'UDP', 'ICMP', 'IPv6-ICMP', '099', '255']);
  });
});
