/** A small XML document: elements with attributes, and text or further elements in them. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly XmlElement[];
  readonly text?: string;
}

/** Serializes as XML 1.0. Characters that XML 1.0 forbids even when escaped are left out. */
export function toXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, '')}`;
}

function element({ name, attributes = {}, children = [], text }: XmlElement, indent: string): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('');
  if (text !== undefined) return `${indent}<${name}${pairs}>${escaped(text)}</${name}>\n`;
  if (children.length === 0) return `${indent}<${name}${pairs}/>\n`;
  const inner = children.map((child) => element(child, `${indent}  `)).join('');
  return `${indent}<${name}${pairs}>\n${inner}${indent}</${name}>\n`;
}

/** XML 1.0 section 2.2: these code points and lone surrogates may not occur in a document at all. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
