import { describe, expect, it } from 'vitest';
import { type Contribution, type Finding, FINDING_TYPES, type FindingType } from '@edgeguard/detection';
import { flowSchema } from '@edgeguard/metering';
import { featuresOf } from '@edgeguard/contracts';
import { formatSummary, signatureOf } from '../src/index.ts';
import { addMetering, emptySummary } from '../src/detect/summary.ts';
import { EXAMPLE_ALERT } from './example-alert.ts';

const STATISTICS = {
  packets: 1000,
  bytes: 64_000,
  skipped: { arp: 3 },
  flows: 10,
  activeFlows: 0,
  peakFlows: 5,
  records: 12,
  evictedFlows: 1,
  evictedHosts: 2,
  evictedPairs: 3,
  evictedPorts: 4,
  droppedWindowEvents: 0,
  saturatedContacts: 0,
  unseenAcknowledged: 0,
  overlappingFragments: 0,
  evictedFragments: 0,
  clockResets: 0,
  timeReversals: 5,
  timesOutOfRange: 0,
  firstSeconds: 100,
  lastSeconds: 160.5,
};

describe('the summary', () => {
  it('adds up the meters of several captures', () => {
    const summary = emptySummary('native');
    addMetering(summary, STATISTICS);
    addMetering(summary, STATISTICS);
    expect(summary).toMatchObject({
      packets: 2000,
      flows: 20,
      skipped: { arp: 6 },
      evicted: { flows: 2, hosts: 4, pairs: 6, ports: 8 },
      trafficSeconds: 121,
    });
  });

  it('says everything that was left out', () => {
    const summary = emptySummary('wasm');
    addMetering(summary, STATISTICS);
    const text = formatSummary({
      ...summary,
      scored: 11,
      nonFinite: 1,
      alerts: 9,
      episodes: 1,
      written: 2,
      heldUpdates: 1200,
      evictedEpisodes: 4,
      forgottenVotes: 6,
      dropped: 2,
      wallSeconds: 0.25,
    });
    expect(text.split('\n')).toEqual([
      '1,000 packets in 10 flows, 11 records scored by the wasm engine, 9 alerts in 1 episode, told in 2 events',
      'traffic time 60.5 s, wall time 0.25 s; 2 packets dropped, 1 flow evicted',
      'updates of episodes not told, since there was too much to tell: 1,200',
      'episodes closed early, since too many were open: 4',
      'sources whose latest records were forgotten, since there were too many: 6',
      'window tables were full: 9 hosts, pairs and ports were forgotten early',
      'packets not metered: arp 3',
      'records with NaN or infinity, not scored: 1',
      'packets out of order in time: 5',
    ]);
  });
});

describe('signatures', () => {
  const families = [...new Set(featuresOf(flowSchema()).map(({ family }) => family))];

  const finding = (type: FindingType): Finding => ({ type, support: type === 'unknown' ? 0 : 0.5 });
  const contributions = (family: string): Contribution[] => [{ ...EXAMPLE_ALERT.contributions[0]!, family }];
  const all = [
    ...families.map((family) => ({ finding: finding('unknown'), contributions: contributions(family!) })),
    ...FINDING_TYPES.filter((type) => type !== 'unknown').map((type) => ({
      finding: finding(type),
      contributions: contributions('volume'),
    })),
  ];

  it('every feature family and every finding has one of its own, in the local range', () => {
    const ids = all.map((alert) => signatureOf(alert).id);
    expect(new Set(ids).size).toBe(all.length);
    const other = { finding: finding('unknown'), contributions: contributions('a column that a user brought') };
    expect(ids).not.toContain(signatureOf(other).id);
    expect(ids.every((id) => id >= 1_000_000 && id <= 1_999_999)).toBe(true);
  });
});
