import { duration, listOf, text } from './words.ts';

const paths = {
  description: 'a path or pattern, or a list of them',
  anyOf: [text, { ...listOf(text, 'a list of paths and patterns'), minItems: 1 }],
};

export const watch = {
  description:
    'a path or pattern, a list of them, or a mapping such as { paths: [src], build: "npm run build" }',
  anyOf: [
    ...paths.anyOf,
    {
      type: 'object',
      additionalProperties: false,
      required: ['paths'],
      properties: {
        paths,
        ignore: listOf(text, 'a list of names and patterns that are not watched'),
        build: {
          description: 'a command line (no shell), or a list of program and arguments',
          anyOf: [text, { ...listOf(text, 'a list of program and arguments'), minItems: 1 }],
        },
        debounce: {
          ...duration,
          description: 'how long nothing may change any more, such as 200ms (the default)',
        },
      },
    },
  ],
};
