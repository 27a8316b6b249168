let markdown = false;

/** Prints all tables from now on in Markdown, for the docs. */
export function printInMarkdown(): void {
  markdown = true;
}

/** Prints a table with a title: first column to the left, the others to the right. */
export function printTable(title: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  if (markdown) {
    const cells = [header, header.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
    process.stdout.write(`\n${title}\n\n${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
    return;
  }
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  process.stdout.write(`\n${title}\n${line(header)}\n${widths.map((width) => '-'.repeat(width)).join('  ')}\n`);
  for (const row of rows) process.stdout.write(`${line(row)}\n`);
}
