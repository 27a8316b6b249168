import { counted } from '@edgeguard/contracts';
import type { FlowCoreStatistics, MeteringStatistics } from '@edgeguard/metering';

/** What `detect` has seen and done. Counts are over the whole run. */
export interface DetectSummary {
  /** Packets that belong to a flow. */
  packets: number;
  /** Bytes of their frames as on the wire. */
  bytes: number;
  /** Packets that belong to none, by reason. */
  skipped: Record<string, number>;
  /** Flows that ended. */
  flows: number;
  /** Records emitted by the meter: flows, and interim records of flows that go on. */
  records: number;
  /** Records that were scored. */
  scored: number;
  /** Records with NaN or infinity, which are not scored. */
  nonFinite: number;
  /** Records above the threshold. */
  alerts: number;
  /** Those of them while the meter's windows were still filling. */
  coldStart: number;
  /** Alerts that a rule suppressed. The others are in the episodes that closed, or stayed unreported. */
  suppressed: number;
  /** What each rule has done: alerts suppressed, and those that it no longer suppresses since it has expired. */
  suppressions: readonly { readonly id: string; readonly suppressed: number; readonly expired: number }[];
  /** Episodes that were told of; 0 where each record above the threshold has an alert of its own. */
  episodes: number;
  /** Alerts of episodes that stayed below what `vote` asks for. */
  unreported: number;
  /** Alerts of episodes that were folded since there was too much to tell. */
  folded: number;
  /** Episodes that were closed early for want of room, and updates that were not told since there was too much to tell. */
  evictedEpisodes: number;
  heldUpdates: number;
  /** Sources whose latest records `vote` forgot for want of room. */
  forgottenVotes: number;
  /** Claims of an address by a second MAC address (ARP), and the alerts of a rule that told of them. */
  addressConflicts: number;
  conflictAlerts: number;
  /** Alerts of records that were written: fewer where they tell of episodes. */
  written: number;
  /** Rows of tables that could not be read. */
  malformedRows: number;
  /** Alerts that were not written since their reader was stuck (live capture). */
  lostAlerts: number;
  /** Packets that the kernel dropped before they could be read (live capture). */
  dropped: number;
  /** Entries that left a full table early. */
  evicted: { flows: number; hosts: number; pairs: number; ports: number };
  /** Packets older than one before them, taken at the later time. */
  timeReversals: number;
  /** Flows of a sensor that came too late to be put in order of their ends. */
  lateFlows: number;
  /** Captures that were read up to a cut or a corrupt record. */
  truncated: { path: string; atByte: number; problem: string }[];
  /** Traffic time covered, in seconds; of captures taken each by itself the sum. */
  trafficSeconds: number;
  /** Wall-clock time of the run, in seconds. */
  wallSeconds: number;
  engine: string;
  /** The run was ended before the end of its source. */
  interrupted: boolean;
}

export function emptySummary(engine: string): DetectSummary {
  return {
    packets: 0,
    bytes: 0,
    skipped: {},
    flows: 0,
    records: 0,
    scored: 0,
    nonFinite: 0,
    alerts: 0,
    coldStart: 0,
    suppressed: 0,
    suppressions: [],
    episodes: 0,
    unreported: 0,
    folded: 0,
    evictedEpisodes: 0,
    heldUpdates: 0,
    forgottenVotes: 0,
    addressConflicts: 0,
    conflictAlerts: 0,
    written: 0,
    malformedRows: 0,
    lostAlerts: 0,
    dropped: 0,
    evicted: { flows: 0, hosts: 0, pairs: 0, ports: 0 },
    timeReversals: 0,
    lateFlows: 0,
    truncated: [],
    trafficSeconds: 0,
    wallSeconds: 0,
    engine,
    interrupted: false,
  };
}

/** Adds what a meter has counted. */
export function addMetering(summary: DetectSummary, meter: MeteringStatistics): void {
  summary.packets += meter.packets;
  summary.bytes += meter.bytes;
  for (const [reason, count] of Object.entries(meter.skipped)) {
    summary.skipped[reason] = (summary.skipped[reason] ?? 0) + count;
  }
  summary.flows += meter.flows;
  summary.records += meter.records;
  summary.evicted.flows += meter.evictedFlows;
  summary.evicted.hosts += meter.evictedHosts;
  summary.evicted.pairs += meter.evictedPairs;
  summary.evicted.ports += meter.evictedPorts;
  summary.timeReversals += meter.timeReversals;
  if (meter.firstSeconds !== null && meter.lastSeconds !== null) {
    summary.trafficSeconds += meter.lastSeconds - meter.firstSeconds;
  }
}

/**
 * Adds what the meter of flow-core has counted.
 *
 * @param isSensor flows came from a sensor: no packet was metered here that would be counted elsewhere
 */
export function addCoreMetering(summary: DetectSummary, core: FlowCoreStatistics, isSensor: boolean): void {
  summary.evicted.hosts += core.evictedHosts;
  summary.evicted.pairs += core.evictedPairs;
  summary.evicted.ports += core.evictedPorts;
  summary.lateFlows += core.lateFlows;
  if (!isSensor) return;
  summary.packets += core.packets;
  summary.bytes += core.bytes;
  summary.flows += core.flows;
  summary.records += core.flows;
  if (core.firstSeconds !== null && core.lastSeconds !== null) {
    summary.trafficSeconds += core.lastSeconds - core.firstSeconds;
  }
}

/** The summary in a few lines for people; what is zero and unremarkable is left out. */
export function formatSummary(summary: DetectSummary): string {
  const { evicted } = summary;
  const told =
    summary.episodes === 0
      ? ''
      : ` in ${count(summary.episodes, 'episode')}, told in ${count(summary.written, 'event')}`;
  const lines = [
    ...(summary.interrupted ? ['interrupted before the end of the traffic'] : []),
    `${seen(summary)}, ${count(summary.scored, 'record')} scored by the ${summary.engine} engine, ${count(summary.alerts, 'alert')}${told}`,
    ...(summary.packets === 0 && summary.flows === 0
      ? [`wall time ${seconds(summary.wallSeconds)}`]
      : [
          `traffic time ${seconds(summary.trafficSeconds)}, wall time ${seconds(summary.wallSeconds)}; ${count(summary.dropped, 'packet')} dropped, ${count(evicted.flows, 'flow')} evicted`,
        ]),
    ...suppressionLines(summary),
  ];
  if (summary.unreported > 0)
    lines.push(`alerts of sources that too few records confirm: ${grouped(summary.unreported)}`);
  if (summary.folded > 0)
    lines.push(`alerts folded into one episode, since there was too much to tell: ${grouped(summary.folded)}`);
  if (summary.heldUpdates > 0)
    lines.push(`updates of episodes not told, since there was too much to tell: ${grouped(summary.heldUpdates)}`);
  if (summary.evictedEpisodes > 0)
    lines.push(`episodes closed early, since too many were open: ${grouped(summary.evictedEpisodes)}`);
  if (summary.forgottenVotes > 0)
    lines.push(
      `sources whose latest records were forgotten, since there were too many: ${grouped(summary.forgottenVotes)}`,
    );
  if (summary.malformedRows > 0) lines.push(`rows that could not be read: ${grouped(summary.malformedRows)}`);
  const hosts = evicted.hosts + evicted.pairs + evicted.ports;
  if (hosts > 0) lines.push(`window tables were full: ${grouped(hosts)} hosts, pairs and ports were forgotten early`);
  if (summary.lostAlerts > 0) lines.push(`alerts lost, since their reader was stuck: ${grouped(summary.lostAlerts)}`);
  const skipped = Object.entries(summary.skipped).map(([reason, n]) => `${reason} ${grouped(n)}`);
  if (skipped.length > 0) lines.push(`packets not metered: ${skipped.join(', ')}`);
  if (summary.nonFinite > 0) lines.push(`records with NaN or infinity, not scored: ${grouped(summary.nonFinite)}`);
  if (summary.coldStart > 0) {
    lines.push(`alerts in the first ten minutes, while windows were still filling: ${grouped(summary.coldStart)}`);
  }
  if (summary.addressConflicts > 0) {
    lines.push(
      `addresses claimed by a second MAC address (ARP): ${count(summary.addressConflicts, 'claim')}, ${count(summary.conflictAlerts, 'alert')}`,
    );
  }
  if (summary.timeReversals > 0) lines.push(`packets out of order in time: ${grouped(summary.timeReversals)}`);
  if (summary.lateFlows > 0)
    lines.push(`flows out of order by more than the meter waits: ${grouped(summary.lateFlows)}`);
  return lines.join('\n');
}

function seen({ packets, flows, records }: DetectSummary): string {
  if (packets === 0 && flows === 0 && records > 0) return count(records, 'row');
  return `${count(packets, 'packet')} in ${count(flows, 'flow')}`;
}

function suppressionLines({ suppressed, suppressions }: DetectSummary): string[] {
  const by = suppressions.filter((rule) => rule.suppressed > 0).map((rule) => `${rule.id} ${grouped(rule.suppressed)}`);
  const gone = suppressions.filter((rule) => rule.expired > 0).map((rule) => `${rule.id} ${grouped(rule.expired)}`);
  return [
    ...(suppressed > 0 ? [`alerts suppressed: ${grouped(suppressed)} (${by.join(', ')})`] : []),
    ...(gone.length > 0
      ? [`rules that have expired, and the alerts that they no longer suppress: ${gone.join(', ')}`]
      : []),
  ];
}

function count(n: number, noun: string): string {
  return counted(n, noun, grouped(n));
}

function grouped(n: number): string {
  return n.toLocaleString('en-US');
}

function seconds(value: number): string {
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 3 : 1 })} s`;
}
