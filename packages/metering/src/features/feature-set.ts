import type { FeatureColumn } from '@edgeguard/contracts';
import { CONNECTION } from './connection.ts';
import { CONTEXT } from './context.ts';
import type { Feature } from './feature.ts';
import { DESTINATION_WINDOW, PAIR_WINDOW, SENSOR_WINDOW, SOURCE_WINDOW } from './host-behaviour.ts';
import { TIMING } from './timing.ts';
import { ASYMMETRY, PACKET_SIZES, VOLUME } from './volume.ts';

/** All features in schema order. */
export const FEATURES: readonly Feature[] = [
  ...VOLUME,
  ...ASYMMETRY,
  ...PACKET_SIZES,
  ...TIMING,
  ...CONNECTION,
  ...CONTEXT,
  ...SOURCE_WINDOW,
  ...DESTINATION_WINDOW,
  ...PAIR_WINDOW,
  ...SENSOR_WINDOW,
];

/** Their columns. */
export const FEATURE_COLUMNS: readonly FeatureColumn[] = FEATURES.map((feature) => feature.column);
