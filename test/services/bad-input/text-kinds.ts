import type { BadCase, Kind } from './case.ts';
import type { Described } from './described.ts';
import { type Draft, withBody, withMember, withParameter } from './drafts.ts';
import { canBeSent } from './parameter-kinds.ts';
import { fieldsOf, kindsOf, pointerTo } from './schemas.ts';

/** What means something to a database, a shell or a file system, and to nobody else. */
const texts = [
  "' OR 1=1 --",
  "1'; DROP TABLE users; --",
  '"; DROP TABLE orders; --',
  '%',
  '_%',
  '../../etc/passwd',
  '$(reboot)',
  '{{7*7}}',
];
const nul = 'a\u0000b';

/** Texts with a meaning of their own: refused, or the text that they are. The character U+0000 is no text at all. */
export const textKinds: readonly Kind[] = [
  {
    title: 'SQL and NUL in members, or takes them as text',
    casesOf: ({ body }) =>
      body === undefined
        ? []
        : fieldsOf(body.schema)
            .filter(({ schema }) => kindsOf(schema).includes('string'))
            .flatMap(({ steps }) =>
              [...texts, nul].map((text) => {
                const change = (draft: Draft) =>
                  withMember(withBody(draft, body.having(draft.parts.body?.value, steps)), steps, text);
                const sent = withMember(withBody(emptyDraft, body.having(body.example, steps)), steps, text)
                  .parts.body?.value;
                return textCase({ pointer: pointerTo(steps), text, change }, body.fits(sent));
              }),
            ),
  },
  {
    title: 'SQL and NUL in parameters, or takes them as text',
    casesOf: ({ parameters }: Described) =>
      parameters.flatMap((parameter) =>
        [...texts, nul]
          .filter((text) => canBeSent(parameter, text))
          .map((text) => {
            const change = (draft: Draft) => withParameter(draft, parameter, text);
            const pointer = `${parameter.in}/${parameter.name}`;
            return textCase({ pointer, text, change }, parameter.fits(text));
          }),
      ),
  },
];

function textCase(
  { pointer, text, change }: { pointer: string; text: string; change: (draft: Draft) => Draft },
  isText: boolean,
): BadCase {
  const what = `${pointer} ${JSON.stringify(text)}`;
  if (isText && text !== nul) return { what, isJustText: true, change };
  return { what, statuses: [400], pointer, change };
}

const none = new Map();
const emptyDraft: Draft = { parts: { path: none, query: none, header: none, cookie: none } };
