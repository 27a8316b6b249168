import type { Column, DatasetSchema } from '@edgeguard/contracts';
import { CORE_FEATURE_COLUMNS } from './core-features.ts';

/** Columns that say which flow a row is about, by the sensor's own name of it too. */
const IDENTITY: readonly Column[] = [
  { name: 'sensor', role: 'identity', type: 'utf8' },
  { name: 'uid', role: 'identity', type: 'utf8' },
  { name: 'src_ip', role: 'identity', type: 'utf8' },
  { name: 'dst_ip', role: 'identity', type: 'utf8' },
  { name: 'src_port', role: 'identity', type: 'uint16' },
  { name: 'dst_port', role: 'identity', type: 'uint16' },
  { name: 'protocol', role: 'identity', type: 'uint8' },
  { name: 'service', role: 'identity', type: 'utf8' },
];

const CONTEXT: readonly Column[] = [
  { name: 'time', role: 'time', type: 'timestamp' },
  { name: 'start', role: 'ignore', type: 'timestamp' },
  { name: 'cold_start', role: 'ignore', type: 'uint8' },
];

const SCHEMA: DatasetSchema = {
  name: 'flow-core',
  version: 1,
  columns: [...IDENTITY, ...CONTEXT, ...CORE_FEATURE_COLUMNS],
};

/**
 * The dataset that every flow source can give: packets, Zeek, Suricata, NetFlow and IPFIX. One row per finished flow;
 * `time` is the flow's end, `uid` the sensor's own name of the flow.
 */
export function flowCoreSchema(): DatasetSchema {
  return SCHEMA;
}
