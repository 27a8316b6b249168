import { z } from 'zod';

/**
 * How packets become flow records. Travels from the config through `flows.arrow` into the detector, so that the edge
 * meters as training did.
 */
export const MeteringSettingsSchema = z.strictObject({
  /** A flow without a packet for so long has ended. Seconds. */
  idleTimeoutSeconds: z.number().positive().max(86_400).default(120),
  /** A flow is cut after so long. Seconds. */
  activeTimeoutSeconds: z.number().positive().max(86_400).default(1800),
  /** `timeouts`: only timeouts end a flow. `tcp-close`: FIN from both sides or RST does too, after a linger. */
  flowEnd: z.enum(['timeouts', 'tcp-close']).default('tcp-close'),
  /** Seconds that a closed flow still takes packets. */
  lingerSeconds: z.number().nonnegative().max(3600).default(5),
  /** Emit records at ages 1 s, 10 s and 60 s too. */
  earlyRecords: z.boolean().default(true),
  /** Flows kept at once; the least recently used is emitted and evicted beyond. */
  maxFlows: z.int().min(16).max(16_777_216).default(262_144),
  /** Hosts, pairs and destinations kept in each window table. */
  maxHosts: z.int().min(16).max(4_194_304).default(65_536),
  /** Networks (CIDR) that are ours; they decide inbound, outbound and lateral. */
  homeNetworks: z.array(z.string()).default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10']),
});
export type MeteringSettings = z.output<typeof MeteringSettingsSchema>;
