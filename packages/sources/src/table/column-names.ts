import type { TableSourceConfig } from '@edgeguard/contracts';

/**
 * A header's names, each once: the second column of a name gets ` (2)`. A column without a name is called after its
 * place, as in `column 1`.
 */
export function distinctNames(header: readonly string[]): string[] {
  const taken = new Set(header);
  const seen = new Set<string>();
  return header.map((given, index) => {
    const base = given === '' ? `column ${index + 1}` : given;
    let name = base;
    for (let n = 2; seen.has(name) || (name !== given && taken.has(name)); n++) name = `${base} (${n})`;
    seen.add(name);
    return name;
  });
}

/** Whether the config leaves a column out by one of its patterns. */
export function ignoredByPattern({ ignore }: Pick<TableSourceConfig, 'ignore'>): (name: string) => boolean {
  const patterns = ignore.map((pattern) => {
    const literal = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
    return new RegExp(`^${literal.join('.*')}$`, 's');
  });
  return (name) => patterns.some((pattern) => pattern.test(name));
}
