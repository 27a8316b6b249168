import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** True when the path holds a wildcard: `*`, `?`, `[…]` or `{…,…}`. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * Files that match a pattern, sorted by code unit, each once. `*` and `?` stay within a path segment, `**` spans any
 * number of directories (without following symbolic links), `[a-z]` and `[!a-z]` are sets, `{a,b}` are alternatives.
 * Names that begin with a dot match only a segment that begins with one.
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const alternative of expandBraces(pattern)) {
    const segments = alternative.split('/').filter((segment) => segment !== '' && segment !== '.');
    await walk(alternative.startsWith('/') ? '/' : '', segments, found);
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

async function walk(directory: string, segments: readonly string[], found: Set<string>): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (!isGlob(segment)) {
    const path = join(directory, segment);
    if (rest.length > 0) await walk(path, rest, found);
    else if (await isFile(path)) found.add(path);
    return;
  }
  const anyDepth = segment === '**';
  if (anyDepth) await walk(directory, rest.length === 0 ? ['*'] : rest, found);
  const matches = segmentPattern(anyDepth ? '*' : segment);
  for (const entry of await listDirectory(directory)) {
    if (!matches.test(entry.name)) continue;
    const path = join(directory, entry.name);
    if (anyDepth) {
      if (entry.isDirectory()) await walk(path, segments, found);
    } else if (rest.length > 0) {
      if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, found);
    } else if (!entry.isDirectory() && (await isFile(path))) {
      found.add(path);
    }
  }
}

async function listDirectory(directory: string) {
  try {
    return await readdir(directory === '' ? '.' : directory, { withFileTypes: true });
  } catch {
    // What cannot be listed matches nothing, as in a shell.
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** A regular expression for one path segment. Runs of `*` are joined, which keeps matching linear in practice. */
function segmentPattern(segment: string): RegExp {
  let source = segment.startsWith('.') ? '^' : '^(?!\\.)';
  for (let i = 0; i < segment.length; i++) {
    const character = segment[i];
    const close = character === '[' ? segment.indexOf(']', i + 2) : -1;
    if (character === '*') {
      if (segment[i - 1] !== '*') source += '[^/]*';
    } else if (character === '?') source += '[^/]';
    else if (close > 0) {
      const set = segment.slice(i + 1, close).replace(/[\\\]^]/g, '\\$&');
      source += set.startsWith('!') ? `[^${set.slice(1)}]` : `[${set}]`;
      i = close;
    } else source += character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  try {
    return new RegExp(`${source}$`, 'u');
  } catch {
    // A set such as [z-a] matches nothing.
    return /(?!)/;
  }
}

function expandBraces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (match === null) return [pattern];
  return match[2].split(',').flatMap((choice) => expandBraces(`${match[1]}${choice}${match[3]}`));
}
