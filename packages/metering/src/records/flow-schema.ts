import type { Column, DatasetSchema } from '@edgeguard/contracts';
import { FEATURE_COLUMNS } from '../features/feature-set.ts';

/** Columns that say which flow a record is about. */
const IDENTITY: readonly Column[] = [
  { name: 'flow_id', role: 'identity', type: 'int64' },
  { name: 'src_ip', role: 'identity', type: 'utf8' },
  { name: 'dst_ip', role: 'identity', type: 'utf8' },
  { name: 'src_port', role: 'identity', type: 'uint16' },
  { name: 'dst_port', role: 'identity', type: 'uint16' },
  { name: 'protocol', role: 'identity', type: 'uint8' },
  { name: 'vlan', role: 'identity', type: 'uint16' },
  { name: 'tunnel', role: 'identity', type: 'utf8' },
  { name: 'record_age', role: 'identity', type: 'utf8' },
  { name: 'end_reason', role: 'identity', type: 'utf8' },
];

/** Columns that name a host or what somebody spoke to. JA4 is none: many clients share one. */
export const FLOW_NAME_COLUMNS = [
  'src_ip',
  'dst_ip',
  'dns_name',
  'tls_server_name',
  'source_name',
  'destination_name',
] as const;

/** Beside the features: the instant of the record, and what only accounting needs. */
const CONTEXT: readonly Column[] = [
  { name: 'time', role: 'time', type: 'timestamp' },
  { name: 'start', role: 'ignore', type: 'timestamp' },
  { name: 'cold_start', role: 'ignore', type: 'uint8' },
  { name: 'packets', role: 'ignore', type: 'float64' },
  { name: 'frame_bytes', role: 'ignore', type: 'float64' },
  { name: 'dns_name', role: 'ignore', type: 'utf8' },
  { name: 'tls_server_name', role: 'ignore', type: 'utf8' },
  { name: 'ja4', role: 'ignore', type: 'utf8' },
  { name: 'source_name', role: 'ignore', type: 'utf8' },
  { name: 'destination_name', role: 'ignore', type: 'utf8' },
];

const SCHEMA: DatasetSchema = {
  name: 'flow-packets',
  version: 1,
  columns: [...IDENTITY, ...CONTEXT, ...FEATURE_COLUMNS],
};

/**
 * The dataset that metering packets gives: one row per record. `packets` and `frame_bytes` count both directions, bytes
 * of the frames as on the wire; `cold_start` is 1 in the sensor's first ten minutes, while windows fill; `record_age` is an age class, `final` for the one record that counts as the flow.
 */
export function flowSchema(): DatasetSchema {
  return SCHEMA;
}
