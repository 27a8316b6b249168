import { CORE_FEATURES } from './core-features.ts';

/** The features of flow-core as a Markdown table, from their definitions. */
export function flowCoreReference(): string {
  const rows = CORE_FEATURES.map(({ column, shows, window }) => {
    const [low, high] = column.range ?? [null, null];
    const range = `${low ?? '-∞'} to ${high ?? '∞'}`;
    const cells = [
      `\`${column.name}\``,
      column.family,
      column.description,
      column.formula,
      window,
      shows,
      column.unit,
      range,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const header = '| feature | family | meaning | formula | window | helps to see | unit | range |';
  return [header, '|---|---|---|---|---|---|---|---|', ...rows].join('\n');
}
