import { createHash } from 'node:crypto';
import type { Alert } from './alert.ts';
import { flowId } from './flow-id.ts';

/**
 * A name for an alert, the same in every run: detector, what it is about, and which event of which episode. Shaped as a
 * UUID (RFC 9562, version 8).
 */
export function alertId(alert: Alert): string {
  const { detector, flow, row, episode } = alert;
  const about = row ? [row.table, row.number] : [flow && flowId(flow), alert.time, alert.ageClass];
  const parts = [detector.model, ...about, episode?.state ?? '', episode?.id ?? ''];
  const hex = createHash('sha256').update(parts.join('|')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
