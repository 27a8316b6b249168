import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { fileProblem } from '../files/file-problem.ts';
import { UserError } from '../user-error.ts';
import { describeProblem } from './describe-problem.ts';

/** Largest JSON document that is read, in bytes: far above any that a stage writes. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** JSON as every document is written: two spaces, numbers arrays on one line, a final newline. Same value, same bytes. */
export function formatJson(document: unknown): string {
  const text = JSON.stringify(document, null, 2);
  // Long numeric vectors one number a line would make files that nobody can read. Strings hold no plain newline.
  const compact = text.replaceAll(/\[\n\s+(-?[\d.eE+-]+(?:,\n\s+-?[\d.eE+-]+)*)\n\s*\]/g, (_, body: string) => {
    return `[${body.replaceAll(/,\s+/g, ', ')}]`;
  });
  return `${compact}\n`;
}

/** Reads and checks a JSON document. Throws a UserError that names the file and the place in it. */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
  return parseJson(path, bytes, schema);
}

/** Checks JSON text. `place` names where it came from. */
export function parseJson<S extends z.ZodType>(place: string, bytes: Uint8Array, schema: S): z.output<S> {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new UserError(
      place,
      `it has ${bytes.length} bytes, more than any document of EdgeGuard`,
      'name another file',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch (error) {
    throw new UserError(place, `not JSON (${(error as Error).message})`, 'mend its syntax');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw describeProblem(place, schema, value, result.error);
  return result.data;
}
