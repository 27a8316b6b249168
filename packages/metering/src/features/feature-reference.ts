import { DISTINCT_CAP } from '../windows/host-windows.ts';
import type { Feature } from './feature.ts';
import { FEATURES } from './feature-set.ts';

/** The reference page of the features, as Markdown, generated from their definitions. */
export function featureReference(): string {
  const lines = [...INTRODUCTION];
  for (const family of new Set(FEATURES.map((feature) => feature.column.family))) {
    const features = FEATURES.filter((feature) => feature.column.family === family);
    lines.push('', `## ${family}`, '');
    lines.push(
      '| feature | meaning | formula | window | helps to see | kind | unit | range |',
      '|---|---|---|---|---|---|---|---|',
    );
    lines.push(...features.map(rowOf));
    for (const { column } of features) {
      if (column.categories === undefined) continue;
      const codes = column.categories.map((name, k) => `${k + 1} ${name}`).join(', ');
      lines.push('', `\`${column.name}\`: ${codes}.`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function rowOf({ column, shows, window }: Feature): string {
  const [low, high] = column.range ?? [null, null];
  const scale = column.logScale === undefined ? '' : `, log scale ${column.logScale} ${column.unit}`;
  const cells = [
    `\`${column.name}\``,
    column.description,
    column.formula,
    window,
    shows,
    `${column.kind}${scale}`,
    column.unit,
    `${low ?? '-∞'} to ${high ?? '∞'}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const INTRODUCTION = [
  '# Features',
  '',
  'One row of `flow-packets` is one record of a flow. These are its model inputs, in schema order. This page is made by',
  '`node packages/metering/scripts/feature-reference.mjs` from the definitions in `packages/metering/src/features`.',
  '',
  `There are ${FEATURES.length}. The source is the initiator of the flow; forward is from source to destination. Bytes are`,
  'those of IP packets, headers included, so that link layer, VLAN tags and padding make no difference. Every value is',
  'finite; none is an address, a port or a TTL.',
  '',
  'The window is what a value is about: `flow` is the flow from its first packet to the record, a duration is all traffic of the',
  'source, destination, pair or sensor in so long before the record.',
  '',
  'Windows look back over traffic time from the instant of emission, end included and start not, and hold the flow itself',
  'while it started within. They are exact at every instant: flow starts and byte counts are logged, and leave a window when',
  'their time comes, at a constant cost per event. A flow counts as unanswered from its start until the first packet against',
  `its direction. Distinct hosts and ports are exact up to ${DISTINCT_CAP} per host (less with small tables) and then saturate.`,
  'Hosts, pairs of hosts, ports and events have caps, set by `maxHosts`; beyond them the least recently used makes room and the',
  'statistics count it.',
];
