import { text } from './words.ts';

/** Where the database of a service is. */
export const database = {
  description:
    'false, the path of an SQLite file, a postgres:// URL, or a mapping such as { file: data/users.db, url: "${DATABASE_URL:-}" }',
  anyOf: [
    { const: false, description: 'false' },
    { ...text, description: 'the path of an SQLite file, or a postgres:// URL' },
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: {
        file: { ...text, description: 'the path of an SQLite file; it counts where `url` is empty' },
        url: { ...text, description: 'a postgres:// URL' },
        name: { ...text, description: 'the name of the database where the URL has none' },
        suffix: { ...text, description: 'what is added to the name of the database in the URL' },
        schema: { ...text, description: 'the schema of a PostgreSQL database in which its tables are' },
      },
    },
  ],
};
