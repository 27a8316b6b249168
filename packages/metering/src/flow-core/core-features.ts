import type { FeatureColumn } from '@edgeguard/contracts';
import { CONNECTION } from '../features/connection.ts';
import { CONTEXT } from '../features/context.ts';
import type { Feature } from '../features/feature.ts';
import { DESTINATION_WINDOW, PAIR_WINDOW, SENSOR_WINDOW, SOURCE_WINDOW } from '../features/host-behaviour.ts';
import { ASYMMETRY, PACKET_SIZES, VOLUME } from '../features/volume.ts';

/** Features of the flow itself that every source can give; their definitions are those of packets. */
const OF_THE_FLOW = [
  ...pick(VOLUME, [
    'duration',
    'forward_packets',
    'backward_packets',
    'forward_bytes',
    'backward_bytes',
    'packet_rate',
    'byte_rate',
  ]),
  ...pick(ASYMMETRY, ['packet_asymmetry', 'byte_asymmetry']),
  ...pick(PACKET_SIZES, ['forward_size_mean', 'backward_size_mean']),
  ...pick(CONNECTION, ['tcp_state', 'unanswered', 'mid_stream']),
  ...pick(CONTEXT, ['protocol_class', 'service_class', 'network_direction', 'group_destination']),
];

/** Features of host windows. */
const OF_WINDOWS = [
  ...pick(SOURCE_WINDOW, [
    'source_flows_10s',
    'source_flows_10min',
    'source_destinations_60s',
    'source_destinations_1h',
    'source_ports_60s',
    'source_ports_1h',
    'source_unanswered_share_60s',
    'source_unanswered_share_1h',
    'source_bytes_10min',
  ]),
  ...pick(DESTINATION_WINDOW, [
    'destination_flows_10s',
    'destination_flows_10min',
    'destination_sources_60s',
    'destination_unanswered_share_60s',
    'destination_half_open_share_60s',
  ]),
  ...pick(PAIR_WINDOW, ['pair_flows_60s', 'pair_flows_1h', 'pair_bytes_1h', 'pair_regularity']),
  ...pick(SENSOR_WINDOW, ['sensor_flows_10s', 'sensor_unanswered_share_60s']),
].map(countedAtFlowEnd);

/** The model inputs of `flow-core` in schema order. */
export const CORE_FEATURES: readonly Feature[] = [...OF_THE_FLOW, ...OF_WINDOWS];

/** Their columns. */
export const CORE_FEATURE_COLUMNS: readonly FeatureColumn[] = CORE_FEATURES.map((feature) => feature.column);

function pick(family: readonly Feature[], names: readonly string[]): Feature[] {
  return names.map((name) => {
    const feature = family.find(({ column }) => column.name === name);
    if (feature === undefined) throw new Error(`flow-core names the feature ${name}, which its family does not define`);
    return feature;
  });
}

/** A sensor tells of a flow when it is over: windows count flows at their ends and not at their starts. */
function countedAtFlowEnd({ column, ...feature }: Feature): Feature {
  return { column: { ...column, formula: `${column.formula}; each flow at its end` }, ...feature };
}
