import type { Alert, AlertEpisode, Endpoint } from './alert.ts';
import { destinationName } from './flow-names.ts';
import { protocolName } from './protocol-name.ts';
import { plainTime } from './traffic-time.ts';

/** An alert for people on a terminal, in two lines: what, and why. Returns them without the last line's end. */
export function formatText(alert: Alert): string {
  const { flow } = alert;
  const who = `${endpoint(flow.source)}${inBrackets(flow.names?.source)} -> ${endpoint(flow.destination)}${inBrackets(destinationName(flow.names))} ${protocolName(flow.protocol)}`;
  const score = `score ${significant(alert.score)}, threshold ${significant(alert.threshold)}, p ${significant(alert.pValue)}`;
  const finding = alert.finding.type === 'unknown' ? '' : `  ${alert.finding.type}`;
  const episode = alert.episode ? `  ${inWords(alert.episode)}` : '';
  const sensor = flow.sensor && flow.sensor.uid !== '' ? `  ${flow.sensor.name} ${flow.sensor.uid}` : '';
  return `${plainTime(alert.time)}  severity ${alert.severity}  ${who}  ${score}  [${alert.ageClass}]${sensor}${finding}${episode}\n    ${alert.reason}`;
}

function inWords({ id, state, alerts, sources, targets, start, end }: AlertEpisode): string {
  if (state === 'open') return `episode ${id} begins`;
  const seconds = Number((end - start) / 1_000_000n) / 1000;
  const counts = `${plural(alerts, 'alert')}, ${plural(sources, 'source')}, ${plural(targets, 'target')}`;
  return `episode ${id} ${state === 'close' ? 'is over' : 'goes on'}: ${counts} in ${significant(seconds)} s`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
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
