import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_CAPTURES, NO_DATA, realCaptures } from '../support/real-data.ts';
import { hasTool } from '../support/tools.ts';
import { compare, type Comparison, differences, FEATURES } from './core-parity.ts';

/** With EDGEGUARD_WRITE_DOCS=1 all captures are compared and the table in this page is written anew. */
const WRITE_DOCS = process.env['EDGEGUARD_WRITE_DOCS'] === '1';
const PAGE = join(import.meta.dirname, '../../../../docs/flow-sources.md');
const BEGIN = '<!-- parity: begin, written by the command above -->';
const END = '<!-- parity: end -->';

const HAS_SOFTFLOWD = hasTool('softflowd');
const CAN_RUN = HAS_SOFTFLOWD && HAS_CAPTURES;
const STATE = CAN_RUN ? 'compared' : HAS_SOFTFLOWD ? NO_DATA : 'softflowd is not installed';

/** What both see without a doubt, in every flow. */
const ALWAYS_SAME = ['tcp_state', 'unanswered', 'mid_stream', 'protocol_class', 'group_destination'];
/** What the padding of short frames adds to. */
const WITH_PADDING = FEATURES.filter(({ kind, name }) => kind === 'bytes' || name === 'byte_asymmetry');

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function significant(value: number): string {
  return value === 0 ? '' : String(Number(value.toPrecision(2)));
}

function table(all: readonly Comparison[]): string {
  const alike = all.filter(({ isAlike }) => isAlike).flatMap(({ pairs }) => pairs);
  const pairs = all.flatMap((each) => each.pairs);
  const total = (count: (each: Comparison) => number) => all.reduce((sum, each) => sum + count(each), 0);
  const inAlike = differences(alike);
  const rows = differences(pairs).map(({ name, same, median }, k) => {
    const other = inAlike[k]!;
    const cells = [percent(same), significant(median), percent(other.same), significant(other.median)];
    return `| \`${name}\` | ${cells.join(' | ')} |`;
  });
  return [
    `${all.length} captures: the meter tells of ${total((c) => c.ourFlows)} flows, softflowd of ${total((c) => c.theirFlows)}; ${pairs.length} are`,
    `in conversations that both cut into the same number of flows, and in ${total((c) => c.reversed)} of these they do not agree who began.`,
    `In ${all.filter(({ isAlike }) => isAlike).length} captures (${alike.length} flows) they tell of the same flows in the same directions.`,
    '',
    '| feature | same, all flows | median difference | same, captures alike | median difference |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function writeTable(text: string): void {
  const [before, rest] = readFileSync(PAGE, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no place for the table`);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

describe.skipIf(!CAN_RUN)(`flow-core of packets and of softflowd's export (${STATE})`, () => {
  it(
    'has the same values where both tell of the same flows, but for padding',
    async () => {
      const captures = realCaptures()
        .filter((path) => path.includes('/nfstream/'))
        .filter((_, k) => WRITE_DOCS || k % 4 === 3);
      const all: Comparison[] = [];
      for (const capture of captures) all.push(await compare(capture));
      if (WRITE_DOCS) writeTable(table(all));
      const pairs = all.flatMap((each) => each.pairs);
      expect(pairs.length).toBeGreaterThan(200);
      const alwaysSame = differences(pairs).filter(({ name }) => ALWAYS_SAME.includes(name));
      expect(alwaysSame.map(({ same }) => same)).toEqual(ALWAYS_SAME.map(() => 1));

      const alike = all.filter(({ isAlike }) => isAlike);
      expect(alike.length).toBeGreaterThan(captures.length / 2);
      const padded = new Set(WITH_PADDING.map(({ name }) => name));
      const least = (name: string) => (padded.has(name) ? 0.9 : 0.98);
      const found = differences(alike.flatMap((each) => each.pairs));
      expect(found.filter(({ name, same }) => same < least(name))).toEqual([]);
    },
    WRITE_DOCS ? 120_000 : 20_000,
  );
});
