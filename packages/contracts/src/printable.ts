/**
 * Text for a terminal, on one line: control characters, and marks that turn the direction of text around, become `?`. Names of
 * files, columns and categories come from others, and a terminal does what it is told.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
}
