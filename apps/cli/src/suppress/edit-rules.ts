import { existsSync } from 'node:fs';
import { UsageError, UserError } from '@edgeguard/contracts';
import {
  emptySuppressions,
  readSuppressions,
  type SuppressionMatch,
  type SuppressionRule,
  type SuppressionsDocument,
  writeSuppressions,
} from '@edgeguard/detection';
import type { SuppressAddOptions } from '../commands/suppress.ts';
import { textTable } from '../inspect/text-table.ts';

/** `edgeguard suppress add`. */
export async function addRule(path: string, options: SuppressAddOptions): Promise<void> {
  const before = existsSync(path) ? await readSuppressions(path) : emptySuppressions();
  const { owner, reason, expires, scanner = [] } = options;
  const id = options.id ?? nextId(before.rules);
  if (before.rules.some((rule) => rule.id === id)) {
    throw new UserError(path, `it has a rule ${id} already`, 'give another --id, or remove that one');
  }
  const roles = { scanner: [...new Set([...before.roles.scanner, ...scanner])] };
  // What the options say is checked with the whole file, before anything is written.
  const rule = { id, owner, reason, expires, match: matchOf(options) } as SuppressionRule;
  await writeSuppressions(path, { ...before, roles, rules: [...before.rules, rule] });
  process.stdout.write(`${id}\n`);
}

/** `edgeguard suppress remove`. */
export async function removeRule(path: string, id: string): Promise<void> {
  const before = await readSuppressions(path);
  const rules = before.rules.filter((rule) => rule.id !== id);
  if (rules.length === before.rules.length) {
    throw new UserError(path, `it has no rule ${id}`, 'edgeguard suppress list names them');
  }
  await writeSuppressions(path, { ...before, rules });
}

/** `edgeguard suppress list`. */
export async function listRules(path: string): Promise<void> {
  const document: SuppressionsDocument = await readSuppressions(path);
  const rows = document.rules.map(({ id, owner, reason, expires, match }) => [
    id,
    owner,
    expires,
    inWords(match),
    reason,
  ]);
  const { scanner } = document.roles;
  const roles = scanner.length === 0 ? '' : `\nscanners: ${scanner.join(', ')}\n`;
  process.stdout.write(`${textTable(['id', 'owner', 'expires', 'suppresses', 'reason'], rows)}\n${roles}`);
}

function matchOf(options: SuppressAddOptions): SuppressionMatch {
  const { host, network, port, protocol, finding, feature, from, to, day, scanner } = options;
  if ((from === undefined) !== (to === undefined)) throw new UsageError('--from and --to belong together');
  if (day !== undefined && from === undefined) throw new UsageError('--day needs --from and --to');
  const window = from === undefined ? undefined : { from, to, ...(day === undefined ? {} : { days: day }) };
  const stated = { host, network, port, protocol, finding, feature, window, role: scanner && 'scanner' };
  const match = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
  if (Object.keys(match).length === 0) {
    throw new UsageError(
      'say what the rule suppresses: --host, --network, --port, --finding, --feature, --from, --scanner',
    );
  }
  return match as SuppressionMatch;
}

function inWords({ window, ...match }: SuppressionMatch): string {
  const parts = Object.entries(match).map(([key, value]) => `${key} ${value}`);
  if (window) parts.push(`${window.days?.join(',') ?? 'daily'} ${window.from}-${window.to} UTC`);
  return parts.join(', ');
}

function nextId(rules: readonly SuppressionRule[]): string {
  let number = rules.length + 1;
  while (rules.some(({ id }) => id === `rule-${number}`)) number++;
  return `rule-${number}`;
}
