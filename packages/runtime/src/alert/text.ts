import { counted, printable } from '@edgeguard/contracts';
import type { Counterfactual } from '@edgeguard/detection';
import type { Alert, AlertEpisode, AlertFlow, Endpoint } from './alert.ts';
import { alertId } from './alert-id.ts';
import { destinationName } from './flow-names.ts';
import { protocolName } from './protocol-name.ts';
import { plainTime } from './traffic-time.ts';

/** Which record of a flow it is, in words. */
const AGES: Readonly<Record<string, string>> = {
  '1s': 'flow after 1 s',
  '10s': 'flow after 10 s',
  '60s': 'flow after 60 s',
  active: 'flow goes on',
  final: 'flow over',
};

/** Changes of a counterfactual that are read out. */
const SHOWN_CHANGES = 4;

/**
 * An alert for people on a terminal: who and how high, with the beginning of the name that verdicts use; why; and what would
 * have silenced it. The second and third lines
 * are indented. Returns them without the last line's end.
 */
export function formatText(alert: Alert): string {
  const { flow, row } = alert;
  const who = flow ? ends(flow) : row ? `${row.table} row ${row.number}` : 'unknown';
  const when = flow ? `${plainTime(alert.time)}  ` : '';
  const score = `score ${significant(alert.score)}, threshold ${significant(alert.threshold)}, p ${significant(alert.pValue)}`;
  // What most of its records looked like says more of an episode than its first one.
  const looks = (alert.episode?.state === 'close' ? alert.episode.finding : undefined) ?? alert.finding.type;
  const parts = [
    `${when}severity ${alert.severity}`,
    who,
    score,
    ...(alert.ageClass === undefined ? [] : [AGES[alert.ageClass] ?? `[${alert.ageClass}]`]),
    ...(flow?.sensor && flow.sensor.uid !== '' ? [`${flow.sensor.name} ${flow.sensor.uid}`] : []),
    ...(looks === 'unknown' ? [] : [looks]),
    ...(alert.episode ? [inWords(alert.episode)] : []),
    // That an episode is over is no alert of its own.
    ...(alert.episode?.state === 'close' ? [] : [`#${alertId(alert).slice(0, 8)}`]),
  ];
  const lines = [parts.join('  '), alert.reason];
  if (alert.counterfactual && alert.episode?.state !== 'close') lines.push(silenced(alert.counterfactual));
  return lines.map(printable).join('\n    ');
}

function silenced({ changes, score }: Counterfactual): string {
  const shown = changes.slice(0, SHOWN_CHANGES).map(({ text }) => text);
  const more = changes.length - shown.length;
  if (more > 0) shown.push(`and ${counted(more, 'more change')}`);
  return `no alert (score ${significant(score)}) with ${shown.join('; ')}`;
}

function ends({ source, destination, protocol, names }: AlertFlow): string {
  const from = `${endpoint(source)}${inBrackets(names?.source)}`;
  return `${from} -> ${endpoint(destination)}${inBrackets(destinationName(names))} ${protocolName(protocol)}`;
}

function inWords({ id, state, scope, folded, alerts, sources, targets, start, end }: AlertEpisode): string {
  if (state === 'open')
    return scope === 'overflow' ? `episode ${id} begins: too many to tell apart` : `episode ${id} begins`;
  const seconds = Number((end - start) / 1_000_000n) / 1000;
  const episodes = folded > 0 ? `${counted(folded, 'episode')}, ` : '';
  const counts = `${episodes}${counted(alerts, 'alert')}, ${counted(sources, 'source')}, ${counted(targets, 'target')}`;
  return `episode ${id} ${state === 'close' ? 'is over' : 'goes on'}: ${counts} in ${significant(seconds)} s`;
}

function endpoint({ address, port }: Endpoint): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function inBrackets(name: string | undefined): string {
  return name === undefined ? '' : ` (${name})`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
