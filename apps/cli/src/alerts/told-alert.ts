import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseJson, fileProblem, UserError } from '@edgeguard/contracts';
import { FINDING_TYPES } from '@edgeguard/detection';
import { protocolName } from '@edgeguard/runtime';
import { z } from 'zod';

const PortSchema = z.int().min(0).max(65_535).optional();

/** What every event of EVE JSON has. */
const EveEventSchema = z.object({ event_type: z.string() });

/** Of an alert in EVE JSON what verdicts and suppressions look at; the rest is let through unseen. */
const EveAlertSchema = z.object({
  timestamp: z.string(),
  src_ip: z.string().optional(),
  src_port: PortSchema,
  dest_ip: z.string().optional(),
  dest_port: PortSchema,
  proto: z.string().optional(),
  flow: z.object({ start: z.string() }).optional(),
  alert: z.object({
    context: z.object({
      edgeguard: z.object({
        alert_id: z.string(),
        detector: z.object({ model: z.string() }),
        row: z.object({ table: z.string(), number: z.int().positive() }).optional(),
        finding: z.enum(FINDING_TYPES),
        causes: z.array(z.string()),
        episode: z.object({ state: z.enum(['open', 'update', 'close']) }).optional(),
      }),
    }),
  }),
});

/** An alert of a model that `detect` has written. */
export interface ToldAlert {
  readonly id: string;
  readonly model: string;
  /** ISO 8601, UTC, to the microsecond: traffic time of the alert, and of the flow's first packet. */
  readonly time: string;
  readonly start: string;
  readonly source?: { readonly address: string; readonly port?: number };
  readonly destination?: { readonly address: string; readonly port?: number };
  readonly protocol?: number;
  readonly row?: { readonly table: string; readonly number: number };
  readonly finding: (typeof FINDING_TYPES)[number];
  readonly causes: readonly string[];
  /** False where it says that an episode is over: the same alert as the one with which it began. */
  readonly isNews: boolean;
}

/**
 * The alerts of a file that `detect --format eve` has written, line by line; those of rules, such as address conflicts, and
 * other events are left out.
 *
 * @throws UserError that names the line which is no event of EVE JSON
 */
export async function* readToldAlerts(path: string): AsyncGenerator<ToldAlert> {
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      number++;
      if (line.trim() === '') continue;
      const event = parseJson(`${path}: line ${number}`, Buffer.from(line), z.unknown());
      if (!EveEventSchema.safeParse(event).success) {
        throw new UserError(
          `${path}: line ${number}`,
          'this is no event of EVE JSON',
          'give alerts that detect --format eve has written',
        );
      }
      const parsed = EveAlertSchema.safeParse(event);
      if (parsed.success) yield toldAlert(parsed.data);
    }
  } catch (error) {
    throw error instanceof UserError ? error : fileProblem(path, error);
  }
}

function toldAlert(event: z.output<typeof EveAlertSchema>): ToldAlert {
  const { alert_id: id, detector, row, finding, causes, episode } = event.alert.context.edgeguard;
  const time = isoOf(event.timestamp);
  const end = (address: string, port: number | undefined) => ({ address, ...(port === undefined ? {} : { port }) });
  const protocol = event.proto === undefined ? undefined : PROTOCOLS.get(event.proto);
  return {
    id,
    model: detector.model,
    time,
    start: event.flow === undefined ? time : isoOf(event.flow.start),
    ...(event.src_ip === undefined ? {} : { source: end(event.src_ip, event.src_port) }),
    ...(event.dest_ip === undefined ? {} : { destination: end(event.dest_ip, event.dest_port) }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(row === undefined ? {} : { row }),
    finding,
    causes,
    isNews: episode?.state !== 'close',
  };
}

/** Suricata writes `+0000` where ISO 8601 has `Z`. */
function isoOf(time: string): string {
  return time.replace(/\+0000$/, 'Z');
}

const PROTOCOLS = new Map(Array.from({ length: 256 }, (_, number) => [protocolName(number), number]));
