import { parseSource, type SourceDocument } from './document.ts';

/**
 * A document whose data is known already: the text is parsed only when somebody asks where something stands, which is
 * when something is wrong with it.
 *
 * @param data what `parseSource` made of this very text
 */
export function knownSource(file: string, content: string, data: unknown): SourceDocument {
  let parsed: SourceDocument | undefined;
  return {
    file,
    text: content.replace(/^\uFEFF/, ''),
    data,
    placeOf: (path, part) => {
      parsed ??= parseSource(file, content);
      return parsed.placeOf(path, part);
    },
  };
}
