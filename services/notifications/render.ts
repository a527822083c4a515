import type { Content, Data } from './content.ts';
import { missingData } from './refusals.ts';

const placeholder = /\{\{\s*([A-Za-z]\w{0,63})\s*\}\}/g;

/** Whether every pair of braces is a placeholder such as `{{order_id}}`. */
export function isWellFormed(template: string): boolean {
  return !/\{\{|\}\}/.test(template.replaceAll(placeholder, ''));
}

/**
 * Fills every placeholder, escaped for where it stands: in HTML as text, in a subject as one line. Data that no
 * placeholder asks for is left aside. Throws 422 that names every placeholder for which there is no data.
 */
export function render(content: Content, data: Data): Content {
  const missing = new Set<string>();
  const fill = (template: string, safe: (text: string) => string) =>
    template.replaceAll(placeholder, (_whole, name: string) => {
      // Own members only: a placeholder {{constructor}} is one without data.
      if (!Object.hasOwn(data, name)) missing.add(name);
      return safe(String(data[name]));
    });
  const filled = {
    ...(content.subject === undefined ? {} : { subject: fill(content.subject, asOneLine) }),
    text: fill(content.text, asText),
    ...(content.html === undefined ? {} : { html: fill(content.html, asHtml) }),
  };
  if (missing.size > 0) throw missingData([...missing]);
  return filled;
}

/** A line break in a subject would begin another header. */
function asOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

function asText(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function asHtml(text: string): string {
  return asText(text).replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? '');
}
