import { FEATURE_COLUMNS } from './feature-set.ts';

/** The reference page of the features, as Markdown, generated from their definitions. */
export function featureReference(): string {
  const lines = [
    '# Features',
    '',
    'One row of `flow-packets` is one record of a flow. These are its model inputs, in schema order. This page is made by',
    '`node packages/metering/scripts/feature-reference.mjs` from the definitions in `packages/metering/src/features`.',
    '',
    `There are ${FEATURE_COLUMNS.length}. The source is the initiator of the flow; forward is from source to destination.`,
    'Bytes are those of IP packets, headers included, so that link layer, VLAN tags and padding make no difference.',
    'Window values are those at the instant of emission; the flow itself is included.',
  ];
  for (const family of new Set(FEATURE_COLUMNS.map((column) => column.family))) {
    lines.push(
      '',
      `## ${family}`,
      '',
      '| feature | meaning | formula | kind | unit | range |',
      '|---|---|---|---|---|---|',
    );
    for (const column of FEATURE_COLUMNS.filter((candidate) => candidate.family === family)) {
      const [low, high] = column.range ?? [null, null];
      const range = `${low ?? '-∞'} to ${high ?? '∞'}`;
      const scale = column.logScale === undefined ? '' : `, log scale ${column.logScale} ${column.unit}`;
      lines.push(
        `| \`${column.name}\` | ${column.description} | ${column.formula} | ${column.kind}${scale} | ${column.unit} | ${range} |`,
      );
    }
    for (const column of FEATURE_COLUMNS.filter((candidate) => candidate.family === family)) {
      if (column.categories === undefined) continue;
      const codes = column.categories.map((name, k) => `${k + 1} ${name}`).join(', ');
      lines.push('', `\`${column.name}\`: ${codes}.`);
    }
  }
  return `${lines.join('\n')}\n`;
}
