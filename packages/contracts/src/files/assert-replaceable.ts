import { statSync } from 'node:fs';
import { UserError } from '../user-error.ts';

/**
 * Throws unless `path` is free or a regular file. Output that is renamed into place would replace a device such as
 * `/dev/null`, for everybody.
 */
export function assertReplaceable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) {
    throw new UserError(path, found.isDirectory() ? 'it is a folder' : 'it is not a regular file', 'name a file');
  }
}
