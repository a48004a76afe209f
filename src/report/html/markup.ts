import { safeText } from '../../safe-text.js';

/** Text that may go into a page as it is; data never becomes one except through `html`. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeText(text: string): string {
  return safeText(text).replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}

function toText(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return String(content);
  return content.map(toText).join('');
}

/**
 * A piece of a page. What is put into it is escaped, for element content and quoted attributes alike, and what could
 * hide or reorder text is shown as `\u{202e}`; other pieces and lists of them go in as they are, null as nothing.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + toText(contents[index] ?? null)).join(''));
}

/** A name or value from data: its direction of writing stays inside. */
export function value(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** The first `length` characters of a long text. */
export function clip(text: string, length: number): string {
  // Cheap before exact: a code point is one or two units.
  const characters = [...text.slice(0, 2 * length + 2)];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** The end of a long path says more than its beginning. */
export function clipPath(path: string, length: number): string {
  const characters = [...path.slice(-2 * length - 2)];
  return characters.length <= length ? path : `…${characters.slice(1 - length).join('')}`;
}
