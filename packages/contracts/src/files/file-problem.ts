import { UserError } from '../user-error.ts';

const CAUSES: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOENT: ['no such file or folder', 'check the path'],
  EACCES: ['it may not be read or written', 'check its permissions'],
  EPERM: ['it may not be read or written', 'check its permissions'],
  EISDIR: ['it is a folder', 'name a file'],
  EEXIST: ['something else of that name is in the way', 'move it away'],
  ENOTDIR: ['a part of the path is not a folder', 'check the path'],
  ENOSPC: ['the disk is full', 'free some room and run it again'],
  EDQUOT: ['the disk quota is used up', 'free some room and run it again'],
  EROFS: ['the file system is read-only', 'write somewhere else'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n)'],
};

/** Turns an error of the file system into a {@link UserError} that names the file; other errors pass through. */
export function fileProblem(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const cause = code === undefined ? undefined : CAUSES[code];
  return cause ? new UserError(path, cause[0], cause[1], { cause: error }) : error;
}
