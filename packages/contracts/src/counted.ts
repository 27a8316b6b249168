/**
 * A number with its noun, which has an s where the number is not 1.
 *
 * @param shown the number as people read it, where that is not its plain text
 */
export function counted(count: number, noun: string, shown: string = String(count)): string {
  return `${shown} ${noun}${count === 1 ? '' : 's'}`;
}
