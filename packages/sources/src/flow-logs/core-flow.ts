import type { SensorFlow } from '@edgeguard/metering';

/** Whose record it is. */
export const SENSORS = ['zeek', 'suricata', 'netflow', 'ipfix'] as const;
export type Sensor = (typeof SENSORS)[number];

/** A {@link SensorFlow} of one of the sensors that are read here. */
export interface CoreFlow extends SensorFlow {
  readonly sensor: Sensor;
}

/** Takes flows one by one, in the order of the source. */
export type CoreFlowSink = (flow: CoreFlow) => void;
