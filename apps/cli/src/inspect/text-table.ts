import { printable } from '@edgeguard/contracts';

/** Rows as a table with aligned columns; numbers stand to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(String(cell))));
  const widths = header.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  const line = (values: readonly string[], like?: readonly (string | number)[]): string =>
    values
      .map((value, c) => (typeof like?.[c] === 'number' ? value.padStart(widths[c]!) : value.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header, rows[0]), rule, ...cells.map((row, r) => line(row, rows[r]))].join('\n');
}
