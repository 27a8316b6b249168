import { describe, expect, it } from 'vitest';
import { trafficRules } from '../../src/index.ts';

const feature = (name: string, family: string, unit: string, kind = 'count') =>
  ({ name, family, unit, kind, role: 'feature', type: 'float32' }) as const;

const FEATURES = [
  feature('packets', 'volume', '{packet}'),
  feature('hosts_60s', 'source-window', '{host}'),
  feature('ports_1h', 'source-window', '{port}'),
  feature('flows_10s', 'source-window', '{flow}'),
  feature('sources_60s', 'destination-window', '{host}'),
  feature('pair_60s', 'pair-window', '{flow}'),
  feature('pair_1h', 'pair-window', '{flow}'),
];

/** packets, hosts, ports, flows, sources, pair_60s, pair_1h. */
const ROWS = Float32Array.from(
  [
    [5, 3, 2, 900, 900, 1, 40],
    [5, 2, 250, 1, 1, 1, 1],
    [5, 1, 1, 1, 1, 0, 0],
  ].flat(),
);

describe('rules for traffic', () => {
  it('read what the schema says is theirs, and say what that is', () => {
    const [scan, destination, ...others] = trafficRules(FEATURES as never);
    expect(others).toEqual([]);
    expect(scan).toMatchObject({ name: 'scan-counter' });
    expect(scan!.description).toMatch(/; reads hosts_60s, ports_1h$/);
    expect(destination!.description).toMatch(/; reads pair_60s, pair_1h$/);
    const scores = new Float32Array(3);
    const inputs = new Float32Array(ROWS.length).fill(-1);
    scan!.score(inputs, 3, scores, ROWS);
    expect([...scores]).toEqual([3, 250, 1]);
    destination!.score(inputs, 3, scores, ROWS);
    expect([...scores]).toEqual([Math.fround(1 / 40), 1, 1]);
  });

  it('are left out where the schema has nothing for them', () => {
    expect(trafficRules([FEATURES[0]!, FEATURES[3]!] as never)).toEqual([]);
    expect(trafficRules([FEATURES[6]!] as never).map(({ name }) => name)).toEqual(['new-destination']);
  });
});
