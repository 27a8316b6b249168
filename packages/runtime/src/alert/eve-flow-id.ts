import type { AlertFlow } from './alert.ts';
import { flowId } from './flow-id.ts';

/** The flow's number in EVE: Suricata's own where it is Suricata's flow, so that its other events are found; else ours. */
export function eveFlowId(flow: AlertFlow): number {
  const { sensor } = flow;
  const own = sensor?.name === 'suricata' && /^\d{1,16}$/.test(sensor.uid) ? Number(sensor.uid) : Number.NaN;
  return Number.isSafeInteger(own) ? own : flowId(flow);
}
