import type { DatasetSchema } from '@edgeguard/contracts';
import { flowSchema } from '@edgeguard/metering';

/** `flows.arrow` of metered packets: the columns of metering, the capture, and the ground truth. */
export const FLOWS_SCHEMA: DatasetSchema = {
  ...flowSchema(),
  columns: [
    ...flowSchema().columns,
    { name: 'capture', role: 'split', type: 'utf8' },
    { name: 'label', role: 'label', type: 'utf8' },
    { name: 'attack', role: 'label', type: 'utf8' },
  ],
};
