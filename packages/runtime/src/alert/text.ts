import type { Alert, Endpoint } from './alert.ts';
import { protocolName } from './protocol-name.ts';
import { plainTime } from './traffic-time.ts';

/** An alert for people on a terminal, in two lines: what, and why. Returns them without the last line's end. */
export function formatText(alert: Alert): string {
  const { flow } = alert;
  const who = `${endpoint(flow.source)} -> ${endpoint(flow.destination)} ${protocolName(flow.protocol)}`;
  const score = `score ${significant(alert.score)}, threshold ${significant(alert.threshold)}, p ${significant(alert.pValue)}`;
  const others = alert.standsFor === undefined || alert.standsFor === 1 ? '' : ` and ${alert.standsFor - 1} like it`;
  return `${plainTime(alert.time)}  severity ${alert.severity}  ${who}  ${score}  [${alert.ageClass}]${others}\n    ${alert.reason}`;
}

function endpoint({ address, port }: Endpoint): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
