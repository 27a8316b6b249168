import { BlockList, isIP } from 'node:net';
import { fileProblem, formatJson, readJson, UserError, writeAtomically } from '@edgeguard/contracts';
import { z } from 'zod';
import { FINDING_TYPES } from '../finding/finding-type.ts';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const AddressSchema = z.string().refine((text) => isIP(text) !== 0, 'not an IP address');
const NetworkSchema = z.string().refine((text) => isNetwork(text), 'not a network such as 10.0.0.0/8 or an IP address');
const TimeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time of day such as 02:00');

/** Hours of the week, UTC, in traffic time. An end before the beginning is on the next day. */
const WindowSchema = z.strictObject({
  /** Days on which it begins; all by default. */
  days: z.array(z.enum(WEEKDAYS)).min(1).optional(),
  from: TimeOfDaySchema,
  to: TimeOfDaySchema,
});

/** What an alert must be to be suppressed: all that is stated. */
const MatchSchema = z
  .strictObject({
    /** Either end is this address. */
    host: AddressSchema.optional(),
    /** Either end is in this network. */
    network: NetworkSchema.optional(),
    /** Either end has this port. */
    port: z.int().min(0).max(65_535).optional(),
    /** IP protocol number. */
    protocol: z.int().min(0).max(255).optional(),
    finding: z.enum(FINDING_TYPES).optional(),
    /** One of the features with the largest shares has a name of this pattern; `*` stands for anything. */
    feature: z.string().min(1).optional(),
    window: WindowSchema.optional(),
    /** The source is one of these in `roles`. */
    role: z.enum(['scanner']).optional(),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), 'a rule has to say what it suppresses');
export type SuppressionMatch = z.output<typeof MatchSchema>;

const RuleSchema = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dot, dash and underscore, at most 64'),
  /** Who answers for it. */
  owner: z.string().min(1),
  reason: z.string().min(1),
  /** From this instant on it suppresses nothing, in traffic time. */
  expires: z.iso.datetime(),
  match: MatchSchema,
});
export type SuppressionRule = z.output<typeof RuleSchema>;

/** Rules of which each costs a comparison per alert. */
const MAX_RULES = 10_000;

/** Rules under which alerts are counted and not told. */
export const SuppressionsSchema = z
  .strictObject({
    format: z.literal('edgeguard.suppressions'),
    version: z.literal(1),
    /** Who is known to be what. */
    roles: z.strictObject({ scanner: z.array(NetworkSchema).default([]) }).default({ scanner: [] }),
    rules: z.array(RuleSchema).max(MAX_RULES),
  })
  .refine(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have the same id');
export type SuppressionsDocument = z.output<typeof SuppressionsSchema>;

export function emptySuppressions(): SuppressionsDocument {
  return { format: 'edgeguard.suppressions', version: 1, roles: { scanner: [] }, rules: [] };
}

/** Reads a file of rules. Throws a UserError of one line where it is damaged, or a rule has no owner, reason or expiry. */
export async function readSuppressions(path: string): Promise<SuppressionsDocument> {
  return readJson(path, SuppressionsSchema);
}

/** Writes rules, whole or not at all. */
export async function writeSuppressions(path: string, document: SuppressionsDocument): Promise<void> {
  const checked = SuppressionsSchema.safeParse(document);
  if (!checked.success) throw new UserError(path, checked.error.issues[0]!.message, 'mend the rule');
  try {
    await writeAtomically(path, formatJson(checked.data));
  } catch (error) {
    throw fileProblem(path, error);
  }
}

/** Addresses of a network such as `10.0.0.0/8`, or a single address. */
export function addressesOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
