import type { MeteringSettings } from '@edgeguard/contracts';
import type { MeteringOptions } from '../options.ts';

/**
 * How a FlowMeter in front of a FlowCoreMeter meters: one record per flow, no early ones, and a flow is cut at the active
 * timeout, as flow exporters do. Windows and features are left to the FlowCoreMeter.
 */
export function corePacketOptions(
  settings: MeteringSettings,
): MeteringSettings & Pick<MeteringOptions, 'features' | 'context'> {
  return { ...settings, earlyRecords: false, features: false, context: false };
}
