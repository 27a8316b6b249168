const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text as HTML, safe in elements and in quoted attributes. Control characters are shown as their Unicode pictures, and
 * marks that turn the direction of text around are dropped: names come from untrusted files.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, (character) =>
      character < ' ' ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : '',
    )
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Markup that has been escaped already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Part[];

/** A template whose values are escaped unless they are {@link Html} themselves. Lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let text = strings[0]!;
  for (const [i, value] of values.entries()) text += markup(value) + strings[i + 1]!;
  return new Html(text);
}

function markup(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(markup).join('');
}

/** JSON that can stand inside a script element whatever strings it holds: nothing in it can end the element. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
