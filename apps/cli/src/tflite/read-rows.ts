import { readFile } from 'node:fs/promises';
import { fileProblem, UserError } from '@edgeguard/contracts';
import { type NumberTable, readNumberTable } from '@edgeguard/contracts/arrow';

/** Some rows of equal width. */
export type Rows = NumberTable;

/**
 * Reads rows of numbers from an Arrow IPC file, by its name, or from CSV. There a first line that holds anything but
 * numbers is a header.
 *
 * @param path `-` for standard input
 * @throws UserError that names the line which is wrong
 */
export async function readRows(path: string): Promise<Rows> {
  if (/\.(?:arrow|feather)$/i.test(path)) return readNumberTable(path);
  const name = path === '-' ? 'standard input' : path;
  const lines = (await textOf(path)).split(/\r?\n/).filter((line) => line.trim() !== '');
  const isHeader = lines[0]?.split(',').some((cell) => Number.isNaN(toNumber(cell))) ?? false;
  const rows = lines.slice(isHeader ? 1 : 0);
  if (rows.length === 0) throw new UserError(name, 'there are no rows', 'give numbers, one row a line');
  const width = rows[0]!.split(',').length;
  const values = new Float32Array(rows.length * width);
  rows.forEach((line, row) => {
    const cells = line.split(',').map(toNumber);
    const place = `${name}: line ${row + (isHeader ? 2 : 1)}`;
    if (cells.length !== width)
      throw new UserError(place, `${cells.length} values instead of ${width}`, 'mend the row');
    if (cells.some((cell) => Number.isNaN(cell))) throw new UserError(place, 'not a row of numbers', 'mend the row');
    values.set(cells, row * width);
  });
  return { values, count: rows.length, width };
}

function toNumber(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell);
}

async function textOf(path: string): Promise<string> {
  try {
    if (path === '-') return Buffer.concat(await process.stdin.toArray()).toString('utf8');
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileProblem(path, error);
  }
}
